// "Somebody is typing", sent in ephemeral posts, which nobody stores.

import { CodecError, equal } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import type { PostItem } from "@nodoor/wire/delivery"
import { mimeTypes } from "../content/body.ts"
import { openEphemeral, sealEphemeral } from "../content/ephemeral.ts"
import { decodeIdentity } from "../core/credential.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import type { Removals } from "../group/membership/removals.ts"
import { type Unnumbered, macPost } from "../group/seat/posting-request.ts"
import { findChat, readChat } from "../store/chat/chats.ts"
import { findGroup } from "../store/group/groups.ts"
import { heldIn } from "./held-chat.ts"

/** The signal is sent at most this often, and shown a little longer. */
const typingEveryMs = 4_000
const typingShownMs = 6_000

export interface TypingParts {
  readonly own: Pick<OwnDevice, "accountId" | "signer">
  readonly clock: Clock
  readonly crypto: CryptoProvider
  readonly states: Pick<GroupStates, "find" | "environment">
  readonly posting: { post(item: Unnumbered<PostItem>): Promise<unknown> }
  readonly transactions: Pick<Transactions, "run">
  readonly removals: Pick<Removals, "isOutstanding">
}

export interface TypingSignal {
  readonly chatId: Uint8Array
  readonly accountId: Uint8Array
  readonly untilMs: number
}

export class Typing {
  readonly #parts: TypingParts
  readonly #saidMs = new Map<string, number>()

  constructor(parts: TypingParts) {
    this.#parts = parts
  }

  /** Errors of the network are ignored. @throws ClientError `not_found` */
  async say(chatId: Uint8Array): Promise<void> {
    const { clock, posting, transactions } = this.#parts
    const key = String(chatId)
    const nowMs = clock.nowMs()
    if (nowMs - (this.#saidMs.get(key) ?? 0) < typingEveryMs) return
    this.#saidMs.set(key, nowMs)
    const request = await transactions.run(async (tx) => await this.#request(tx, chatId))
    if (request) await posting.post(request).catch(() => undefined)
  }

  async #request(tx: Transaction, chatId: Uint8Array): Promise<Unnumbered<PostItem> | undefined> {
    const { own, states, removals } = this.#parts
    const chat = await readChat(tx, chatId)
    const group = await findGroup(tx, chat.groupId)
    const held = (await heldIn(tx, chatId)).length > 0
    const state = !held && chat.state === "active" && group?.status === "active" ? await states.find(tx, chat.groupId) : undefined
    if (!state || state.epoch === 0n || (await removals.isOutstanding(tx, state.groupId))) return undefined
    const env = states.environment()
    const body = sealEphemeral(env, state, { contentType: mimeTypes.typing, signer: own.signer })
    return macPost(env, state, { body, ephemeral: true })
  }

  /** Reads an ephemeral post. Undefined unless it says that another member is typing in an accepted chat. */
  async hear(tx: Transaction, groupId: Uint8Array, body: Uint8Array): Promise<TypingSignal | undefined> {
    const { own, clock, states } = this.#parts
    const state = await states.find(tx, groupId)
    const group = await findGroup(tx, groupId)
    if (!state || group?.status !== "active") return undefined
    const opened = openQuietly(() => openEphemeral(states.environment(), state, body))
    if (opened?.contentType !== mimeTypes.typing) return undefined
    const { accountId } = decodeIdentity(opened.identity)
    if (equal(accountId, own.accountId)) return undefined
    const chat = await findChat(tx, group.chatId)
    if (chat?.state !== "active") return undefined
    return { chatId: group.chatId, accountId, untilMs: clock.nowMs() + typingShownMs }
  }
}

/** A post that no member made is ignored. */
function openQuietly<T>(open: () => T): T | undefined {
  try {
    return open()
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
