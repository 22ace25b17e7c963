import { type ChatView, type Device, addressOf } from "@nodoor/client"
import { shownText } from "@nodoor/client/text"
import { isolated } from "@nodoor/wire"
import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, type OpenProfile, failIfRefused, serverWaitMs, settledOrOffline, withProfile } from "../context.ts"
import { type Incoming, incoming } from "../received.ts"
import { handlesOf } from "../reference.ts"
import { fileJson, fileText } from "../file-content.ts"
import { earlierJson, earlierText } from "../earlier-messages.ts"
import { harmless, harmlessLine, jsonLine, lateNote, minute } from "../terminal.ts"
import { sayCanary } from "./canary.ts"
import { count, json, seconds } from "./flags.ts"
import { sayUnreadNotices } from "./notices.ts"

const tellEveryMs = 1_000

interface Flags {
  readonly json: boolean
  readonly wait?: number
  readonly max?: number
  readonly read: boolean
}

export const receive: Command<CliContext> = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Print new messages",
    fullDescription:
      "Prints every message once per profile, in the order of its chat. Exit code 0: done, also when there was nothing new. 5: could not reach the server. 6: the server refuses this device, for example because a copy of the profile took over. " +
      "With --json: one object per line with chat, from, text, id, time (Unix milliseconds), sent (by the sender's clock, or null), order, name, account, title, type, request, markdown (the text as it was sent), and file (name, mediaType, size, caption, until) for a photo or a file.",
  },
  parameters: {
    flags: {
      json,
      wait: {
        kind: "parsed",
        parse: seconds,
        brief: "Maximum wait in seconds for at least one message",
        optional: true,
        placeholder: "seconds",
      },
      max: {
        kind: "parsed",
        parse: count,
        brief: "Print at most this many; the rest is printed next time",
        optional: true,
        placeholder: "count",
      },
      read: { kind: "boolean", brief: "Send read receipts", default: false, withNegated: false },
    },
  },
  func(flags) {
    return withProfile(this, (profile) => printIncoming(this, profile, flags))
  },
})

async function printIncoming(context: CliContext, profile: OpenProfile, flags: Flags): Promise<void> {
  const { device } = profile
  const arrivals = watchArrivals(device)
  const stopTelling = tellCatchUp(context, device)
  try {
    const waitMs = flags.wait === undefined ? undefined : flags.wait * 1000
    let reached = await settledOrOffline(device, waitMs === undefined ? serverWaitMs : Math.min(serverWaitMs, waitMs))
    let printed = await printNew(context, profile, flags)
    const deadline = AbortSignal.timeout(waitMs ?? 0)
    while (printed === 0 && waitMs !== undefined && !deadline.aborted) {
      printed = await printNew(context, profile, flags, await arrivals.next(deadline))
      // Nothing comes any more: the rest of the time would be waited for nothing.
      if (printed === 0) await failIfRefused(device)
    }
    if (!reached) await failIfRefused(device)
    if (!reached) reached = printed > 0 || (await device.connection()).status === "online"
    if (!reached)
      throw new CliError("not_sent", "Could not reach the server. You will get your messages with the next try.", {
        next: "nodoor receive",
      })
    if (printed === 0) context.terminal.talk("No new messages.")
    await sayWhatWaits(context, device)
  } finally {
    stopTelling()
    arrivals.stop()
  }
}

/** Says how far the device has come with much that waited: at most once a second. Returns what ends it. */
function tellCatchUp({ terminal }: CliContext, device: Device): () => void {
  let nextMs = 0
  return device.subscribe((event) => {
    if (event.type !== "connection" || event.connection.status !== "connecting" || !event.connection.catchUp) return
    if (performance.now() < nextMs) return
    nextMs = performance.now() + tellEveryMs
    const { taken, total } = event.connection.catchUp
    terminal.talk(`${taken.toLocaleString("en")} of ${total.toLocaleString("en")} received`)
  })
}

/** Prints what is new, up to `max`, and remembers after each message how far it came. Returns how many were printed. */
async function printNew(context: CliContext, profile: OpenProfile, flags: Flags, chats?: readonly ChatView[]): Promise<number> {
  const { device, received } = profile
  const { messages, rest } = await incoming(device, await received.read(), chats)
  const now = messages.slice(0, flags.max)
  const handles = new Map<string, ReadonlyMap<string, string>>()
  for (const next of now) {
    const { chat, message, cursor } = next
    const known = handles.get(chat.id) ?? (await handlesOf(device, chat.id))
    handles.set(chat.id, known)
    const from = known.get(message.sender.accountId) ?? addressOf(await device.contact(message.sender.accountId))
    await context.terminal.print(flags.json ? jsonLine(asJson(next, from)) : asText(next, from, known))
    await received.write(cursor)
    if (flags.read && chat.state === "active") await device.markRead(chat.id, message.id)
  }
  if (now.length === messages.length) await received.write(rest)
  if (now.length > 0) await settledOrOffline(device, serverWaitMs)
  return now.length
}

function asJson({ chat, message }: Incoming, from: string): object {
  const { content } = message
  return {
    chat: chat.id,
    from,
    text: content.type === "text" ? shownText(content.markdown) : null,
    markdown: content.type === "text" ? content.markdown : null,
    id: message.id,
    time: message.timeMs,
    sent: message.sentMs ?? null,
    order: message.order,
    name: message.sender.name,
    account: message.sender.accountId,
    title: chat.title,
    type: content.type,
    ...(content.type === "shared_history" && { earlier: earlierJson(content) }),
    ...(content.type === "file" && { file: fileJson(content) }),
    request: chat.state === "request",
  }
}

function asText({ chat, message }: Incoming, from: string, names: ReadonlyMap<string, string>): string {
  const { content } = message
  const place = chat.kind === "dm" ? "" : ` in ${isolated(harmlessLine(chat.title))}`
  const mark = chat.state === "request" ? " (request)" : ""
  if (content.type === "shared_history")
    return `${minute(message.timeMs)}  ${harmlessLine(from)}${place}${mark}: ${earlierText(content, names)}`
  const text =
    content.type === "text"
      ? shownText(content.markdown)
      : content.type === "file"
        ? fileText(content)
        : content.type === "deleted"
          ? "(deleted)"
          : "(this version can't show this kind of message)"
  return `${minute(message.timeMs)}  ${harmlessLine(from)}${place}${mark}${lateNote(message)}: ${harmless(text)}`
}

async function sayWhatWaits(context: CliContext, device: Device): Promise<void> {
  const requests = (await device.chats()).filter((chat) => chat.state === "request")
  if (requests.length > 0) context.terminal.talk(`Requests waiting: ${requests.length}\n  next: nodoor requests`)
  const open = (await device.alarms()).filter(
    ({ level, acknowledgedAtMs }) => acknowledgedAtMs === undefined && (level === "red" || level === "warn"),
  )
  for (const { level, text, code } of open)
    context.terminal.talk(`${level === "red" ? "ALARM" : "Warning"}: ${harmlessLine(text)} (${code})`)
  if (open.length > 0) context.terminal.talk("  next: nodoor alarms")
  await sayUnreadNotices(context, device)
  await sayCanary(context, device)
}

interface Arrivals {
  /** Chats in which something came in since the last call; resolves without any when the server refuses the device or the signal aborts. */
  next(deadline: AbortSignal): Promise<readonly ChatView[]>
  stop(): void
}

function watchArrivals(device: Device): Arrivals {
  const changed = new Map<string, ChatView>()
  let refused = false
  let wake = (): void => {}
  const stop = device.subscribe((event) => {
    if (event.type === "connection" && event.connection.status === "refused") refused = true
    else if (event.type === "chat" && event.chat !== undefined && event.messages.length > 0) changed.set(event.id, event.chat)
    else return
    wake()
  })
  return {
    stop,
    next: (deadline) =>
      new Promise((resolve) => {
        const done = (): void => {
          wake = () => {}
          deadline.removeEventListener("abort", done)
          const chats = [...changed.values()]
          changed.clear()
          refused = false
          resolve(chats)
        }
        wake = done
        deadline.addEventListener("abort", done, { once: true })
        if (changed.size > 0 || refused || deadline.aborted) done()
      }),
  }
}
