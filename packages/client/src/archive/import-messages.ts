// The messages of an archive, taken in some hundred at a time: each batch is stored together with how far the archive has come.

import type { Transactions } from "../core/transaction.ts"
import { type NewImport, saveImport } from "../store/archive/archive-imports.ts"
import type { Reader } from "../store/reader.ts"
import { archiveError } from "./format/archive-error.ts"
import type { RecordOf } from "./format/record-types.ts"
import type { HeadImport } from "./import-head.ts"
import { MessageWriting, type WrittenChat, type WrittenMessage, openChat } from "./message-writing.ts"

export class MessageImport {
  readonly #transactions: Transactions
  readonly #head: Pick<HeadImport, "ids" | "chats">
  readonly #archive: Omit<NewImport, "nextAt" | "done">
  readonly #chats = new Map<number, WrittenChat>()
  readonly #writing = new MessageWriting()
  /** Messages of people that came by, whether new or not. */
  seen = 0

  constructor(
    { transactions }: { readonly transactions: Transactions },
    head: Pick<HeadImport, "ids" | "chats">,
    archive: Omit<NewImport, "nextAt" | "done">,
  ) {
    this.#transactions = transactions
    this.#head = head
    this.#archive = archive
  }

  /** New here. */
  get added(): number {
    return this.#writing.added
  }

  async open(reader: Reader): Promise<void> {
    await this.#writing.open(reader)
  }

  /** `nextAt`: where the record after these begins. */
  async take(records: readonly RecordOf<"message">[], nextAt: number): Promise<void> {
    await this.#transactions.run(async (tx) => {
      const items: WrittenMessage[] = []
      for (const record of records) items.push(await this.#item(tx, record))
      await this.#writing.write(tx, items)
      saveImport(tx, { ...this.#archive, nextAt, done: false })
    })
    this.seen += records.filter(({ kind }) => kind !== "event").length
  }

  async #item(reader: Reader, record: RecordOf<"message">): Promise<WrittenMessage> {
    const { reactions, receipts, account, group, chat, ...kept } = record
    const named = <T extends { readonly account: number }>({
      account: by,
      ...rest
    }: T): Omit<T, "account"> & { accountId: Uint8Array } => ({
      ...rest,
      accountId: this.#id(by, 16),
    })
    const message = {
      ...kept,
      accountId: this.#id(account, 16),
      groupId: this.#id(group, 32),
      reactions: reactions.map(named),
      receipts: receipts.map(named),
    }
    return { chat: await this.#chat(reader, chat), message }
  }

  #id(number: number, sizeBytes: number): Uint8Array {
    const id = this.#head.ids[number]
    if (id?.length !== sizeBytes) throw archiveError("archive_damaged")
    return id
  }

  async #chat(reader: Reader, number: number): Promise<WrittenChat> {
    const known = this.#chats.get(number)
    if (known) return known
    const imported = this.#head.chats[number]
    if (!imported) throw archiveError("archive_damaged")
    const { chatId, readId } = imported
    const chat = await openChat(reader, chatId, readId)
    this.#chats.set(number, chat)
    return chat
  }
}
