// Everything the screens show, kept current from the device's events.

import type {
  AccountView,
  AlarmView,
  BackupView,
  CanaryView,
  ChatView,
  ClientEvent,
  ConnectionStatus,
  Device,
  Hex,
  LinkView,
  MessageView,
  OperatorNoticeView,
  RecoveryView,
  TransferView,
} from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { type ReadonlySignal, type Signal, computed, signal } from "@preact/signals"
import { HostError } from "../host/host.ts"
import { fileWords } from "../text/message-words.ts"
import { plainText } from "../text/markdown.ts"
import { type ChatSections, type ListFilter, arrangeChats } from "./chat-order.ts"
import { type Conversation, createConversation } from "./conversation.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../text/part-text.ts"

export interface Notice {
  readonly id: number
  readonly text: string
  readonly action: { readonly label: string; readonly run: () => void } | undefined
}

export interface Model {
  readonly device: Device
  /** The linking that is under way, or how the last one ended. Undefined before the first. */
  readonly link: Signal<LinkView | undefined>
  /** Undefined until they have been read once. */
  readonly backup: ReadonlySignal<BackupView | undefined>
  readonly recovery: ReadonlySignal<RecoveryView | undefined>
  readonly account: Signal<AccountView>
  readonly connection: ReadonlySignal<ConnectionStatus>
  /** Undefined until the list has been read once. */
  readonly chats: ReadonlySignal<ReadonlyMap<Hex, ChatView> | undefined>
  readonly sections: ReadonlySignal<ChatSections | undefined>
  /** What all devices of the account share, by name. */
  readonly settings: ReadonlySignal<Readonly<Record<string, string>>>
  /** Of the list of chats, in their order. */
  readonly folders: ReadonlySignal<readonly string[]>
  /** What the list shows of the main chats. */
  readonly filter: Signal<ListFilter>
  readonly failure: ReadonlySignal<HostError | undefined>
  readonly unreadCount: ReadonlySignal<number>
  readonly alarms: ReadonlySignal<readonly AlarmView[]>
  /** The operator's notices about requests that named this account. Undefined until they have been read once. */
  readonly operatorNotices: ReadonlySignal<readonly OperatorNoticeView[] | undefined>
  /** The server's canary as the device knows it. Undefined until it has been read once. */
  readonly canary: ReadonlySignal<CanaryView | undefined>
  /** Grows with every change of a contact, so that screens with contacts read them again. */
  readonly contactsVersion: ReadonlySignal<number>
  /** Who is typing where, by chat. */
  readonly typing: ReadonlySignal<ReadonlyMap<Hex, readonly Hex[]>>
  /** Photos and files on their way, by message. */
  readonly transfers: ReadonlySignal<ReadonlyMap<Hex, TransferView>>
  /** The text of the live region. */
  readonly announcement: ReadonlySignal<string>
  /** Another chat is about to be shown. */
  readonly opening: Signal<boolean>
  readonly notices: ReadonlySignal<readonly Notice[]>
  readonly conversation: ReadonlySignal<Conversation | undefined>
  open(chatId: Hex | undefined): void
  reload(): Promise<void>
  notify(text: string, action?: Notice["action"]): void
  dismiss(id: number): void
  /** Runs an action. If it fails, a notice says which one and why. Returns whether it worked. */
  attempt(what: string, work: () => Promise<unknown>): Promise<boolean>
  stop(): void
}

const noticeMs = 6000
const announceDelayMs = 700

export function createModel(device: Device, initial: AccountView): Model {
  const account = signal(initial)
  const link = signal<LinkView | undefined>(undefined)
  const backup = signal<BackupView | undefined>(undefined)
  const recovery = signal<RecoveryView | undefined>(undefined)
  const connection = signal<ConnectionStatus>({ status: "connecting" })
  const chats = signal<ReadonlyMap<Hex, ChatView> | undefined>(undefined)
  const failure = signal<HostError | undefined>(undefined)
  const settings = signal<Readonly<Record<string, string>>>({})
  const folders = signal<readonly string[]>([])
  const filter = signal<ListFilter>({ by: "all" })
  const alarms = signal<readonly AlarmView[]>([])
  const operatorNotices = signal<readonly OperatorNoticeView[] | undefined>(undefined)
  const canary = signal<CanaryView | undefined>(undefined)
  const contactsVersion = signal(0)
  const typing = signal<ReadonlyMap<Hex, readonly Hex[]>>(new Map())
  const transfers = signal<ReadonlyMap<Hex, TransferView>>(new Map())
  const typingUntil = new Map<string, ReturnType<typeof setTimeout>>()
  const announcement = signal("")
  const notices = signal<readonly Notice[]>([])
  const conversation = signal<Conversation | undefined>(undefined)
  let nextNotice = 1
  let toAnnounce: MessageView[] = []

  /** Chats that changed while the list was being read: the list may be older than the change. */
  let whileReading: Map<Hex, ChatView | undefined> | undefined

  const reload = async (): Promise<void> => {
    const changed = (whileReading = new Map<Hex, ChatView | undefined>())
    try {
      const [list, status, raised, names] = await Promise.all([device.chats(), device.connection(), device.alarms(), device.folders()])
      const read: ReadonlyMap<Hex, ChatView> = new Map(list.map((chat) => [chat.id, chat]))
      chats.value = [...changed].reduce((all, [id, chat]) => withChat(all, id, chat), read)
      connection.value = status
      alarms.value = raised
      takeFolders(names)
      failure.value = undefined
    } catch (error) {
      failure.value = error instanceof HostError ? error : new HostError("unexpected", t.list.notLoadedSentence)
    } finally {
      if (whileReading === changed) whileReading = undefined
    }
  }

  /** If this cannot be read now, it comes with the next event. Nothing else waits for it. */
  const readOperatorNotices = (): void =>
    void device.operatorNotices().then(
      (list) => (operatorNotices.value = list),
      () => undefined,
    )

  const readCanary = (): void =>
    void device.canary().then(
      (view) => (canary.value = view),
      () => undefined,
    )

  const readOwn = (): void => {
    void device.settings().then(
      (all) => (settings.value = all),
      () => undefined,
    )
    void device.backup().then(
      (view) => (backup.value = view),
      () => undefined,
    )
    void device.recovery().then(
      (view) => (recovery.value = view),
      () => undefined,
    )
  }

  /** A filter whose folder is gone shows all chats. */
  const takeFolders = (names: readonly string[]): void => {
    folders.value = names
    const shown = filter.peek()
    if (shown.by === "folder" && !names.includes(shown.folder)) filter.value = { by: "all" }
  }

  const takeChat = (id: Hex, chat: ChatView | undefined): void => {
    whileReading?.set(id, chat)
    if (chats.peek() !== undefined) chats.value = withChat(chats.peek() ?? new Map(), id, chat)
  }

  const setTyping = (chatId: Hex, accountId: Hex, untilMs: number): void => {
    const key = `${chatId} ${accountId}`
    clearTimeout(typingUntil.get(key))
    const others = (typing.peek().get(chatId) ?? []).filter((id) => id !== accountId)
    const leftMs = untilMs - Date.now()
    typing.value = new Map(typing.peek()).set(chatId, leftMs > 0 ? [...others, accountId] : others)
    if (leftMs > 0)
      typingUntil.set(
        key,
        setTimeout(() => setTyping(chatId, accountId, 0), leftMs),
      )
  }

  const announce = (messages: readonly MessageView[]): void => {
    const waiting = toAnnounce.length > 0
    toAnnounce.push(...messages.filter((message) => !message.sender.own && message.content.type !== "event"))
    if (waiting || toAnnounce.length === 0) return
    setTimeout(() => {
      announcement.value = spoken(toAnnounce)
      toAnnounce = []
    }, announceDelayMs)
  }

  /** Another device of the person changed the own name. What cannot be read now is read with the next change. */
  const readAccount = async (): Promise<void> => {
    const read = await device.account().catch(() => undefined)
    if (read) account.value = read
  }

  const receive = (event: ClientEvent): void => {
    switch (event.type) {
      case "connection":
        connection.value = event.connection
        break
      case "chat": {
        const { id, chat, messages, incoming } = event
        takeChat(id, chat)
        if (conversation.peek()?.chatId === id) conversation.peek()?.take(event)
        if (incoming.length === 0) break
        for (const accountId of typing.peek().get(id) ?? []) setTyping(id, accountId, 0)
        if (chat?.muted !== true) announce(messages.filter((message) => incoming.includes(message.id)))
        break
      }
      case "contacts":
        contactsVersion.value++
        if (event.ids.includes(account.peek().accountId)) void readAccount()
        break
      case "typing":
        setTyping(event.chatId, event.accountId, event.untilMs)
        break
      case "alarm":
        alarms.value = [...alarms.peek().filter((alarm) => alarm.id !== event.alarm.id), event.alarm]
        break
      case "operator_notices":
        operatorNotices.value = event.notices
        break
      case "canary":
        canary.value = event.canary
        break
      case "link":
        link.value = event.link
        break
      case "backup":
        backup.value = event.backup
        break
      case "settings":
        settings.value = event.settings
        break
      case "folders":
        takeFolders(event.folders)
        break
      case "recovery":
        recovery.value = event.recovery
        break
      case "transfer": {
        const next = new Map(transfers.peek())
        if (event.transfer.state === "running") next.set(event.transfer.messageId, event.transfer)
        else next.delete(event.transfer.messageId)
        transfers.value = next
        break
      }
    }
  }

  const dismiss = (id: number): void => {
    notices.value = notices.peek().filter((notice) => notice.id !== id)
  }
  const notify: Model["notify"] = (text, action) => {
    const id = nextNotice++
    notices.value = [...notices.peek().filter((notice) => notice.text !== text), { id, text, action }].slice(-3)
    setTimeout(() => dismiss(id), noticeMs)
  }

  const unsubscribe = device.subscribe(receive)
  readCanary()
  readOwn()
  void reload()
  readOperatorNotices()
  return {
    device,
    link,
    backup,
    recovery,
    account,
    connection,
    chats,
    sections: computed(() => (chats.value === undefined ? undefined : arrangeChats(chats.value.values()))),
    settings,
    folders,
    filter,
    failure,
    unreadCount: computed(() =>
      [...(chats.value?.values() ?? [])].reduce(
        (sum, chat) => sum + (chat.muted || chat.archived ? 0 : Math.max(chat.unreadCount, chat.markedUnread ? 1 : 0)),
        0,
      ),
    ),
    alarms,
    operatorNotices,
    canary,
    contactsVersion,
    typing,
    transfers,
    announcement,
    opening: signal(false),
    notices,
    conversation,
    open(chatId) {
      if (conversation.peek()?.chatId === chatId) return
      if (chatId === undefined) {
        conversation.value = undefined
        return
      }
      const firstUnreadId = chats.peek()?.get(chatId)?.firstUnreadId
      const next = createConversation(device, chatId, { firstUnreadId })
      conversation.value = next
      void (firstUnreadId === undefined ? next.showEnd() : showUnread(next, firstUnreadId))
    },
    reload,
    notify,
    dismiss,
    async attempt(what, work) {
      try {
        await work()
        return true
      } catch (error) {
        notify(`${what} ${error instanceof HostError ? error.message : partText.unexpected}`)
        return false
      }
    },
    stop() {
      unsubscribe()
      typingUntil.forEach((timer) => clearTimeout(timer))
    },
  }
}

/** Shows the end of the chat if all unread messages fit there, otherwise the first unread message. */
async function showUnread(conversation: Conversation, firstUnreadId: Hex): Promise<void> {
  await conversation.showEnd()
  const index = conversation.messages.peek()?.findIndex((message) => message.id === firstUnreadId) ?? -1
  if (index < 0) await conversation.showMessage(firstUnreadId)
}

function spoken(messages: readonly MessageView[]): string {
  if (messages.length > 3) return t.app.announced.many(messages.length)
  return messages
    .map((message) =>
      t.app.announced.one(
        isolated(message.sender.name),
        message.content.type === "text"
          ? plainText(message.content.markdown)
          : message.content.type === "file"
            ? fileWords(message.content)
            : t.app.announced.newMessage,
      ),
    )
    .join(" ")
}

function withChat(chats: ReadonlyMap<Hex, ChatView>, id: Hex, chat: ChatView | undefined): ReadonlyMap<Hex, ChatView> {
  const next = new Map(chats)
  if (chat === undefined) next.delete(id)
  else next.set(id, chat)
  return next
}
