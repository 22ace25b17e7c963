// Sending: per group first in, first out. What is posted is stored before it is posted, so that a crash sends the very same bytes again;
// the own copy in the mailbox is what confirms it. Nothing is sent while the group has records that are not taken in yet.

import { equal, toHex } from "@nodoor/bytes"
import { encodeStaged, propose, protect } from "@nodoor/mls"
import {
  WireError,
  claimKeyPackages,
  commit as commitRoute,
  createGroup,
  decodeMessage,
  encodeMessage,
  limits,
  post,
  postSignatureInput,
  createSignatureInput,
} from "@nodoor/wire"
import { raiseAlarm } from "./alarms.ts"
import { ClientError, NetworkError } from "./client-error.ts"
import { type ClaimedDevice, CommitBuilder } from "./commit-builder.ts"
import { failOutbox } from "./commit-application.ts"
import { deliveryKey } from "./delivery-key.ts"
import { type Intent, decodeIntent, encodeIntent } from "./intent.ts"
import type { Kernel } from "./kernel.ts"
import { pad } from "./padme.ts"
import type { Row } from "./ports.ts"
import { composeProfile, composeReceipts } from "./compose.ts"
import { type GroupRow, findChat, findContact, findGroup } from "./store/rows.ts"
import type { Turn } from "./turn.ts"

/** What is to be done next after one step: more at once, nothing until woken, or again after a while. */
type Next = { readonly status: "more" } | { readonly status: "idle" } | { readonly status: "retry"; readonly afterMs: number }

interface Item {
  readonly id: number
  readonly kind: "create" | "commit" | "proposal" | "content"
  readonly payload: Uint8Array
  readonly messageId: Uint8Array | undefined
  readonly status: "queued" | "prepared" | "placed"
  readonly epoch: number | undefined
  readonly request: Uint8Array | undefined
  readonly attempts: number
}

const firstRetryMs = 500
const lastRetryMs = 60_000
/** A refusal that should not happen is tried this often before a message counts as failed. */
const maxAttempts = 8

export class Outbox {
  readonly #kernel: Kernel
  readonly #builder: CommitBuilder
  /** Groups with a sender at work; `true` when it was woken meanwhile. */
  readonly #running = new Map<string, boolean>()
  readonly #retries = new Map<string, () => void>()
  /** Epochs the server called stale: nothing is posted until the commit that ended them has been taken in. */
  readonly #staleEpochs = new Map<string, number>()
  #closed = false
  #online = false

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#builder = new CommitBuilder(kernel)
  }

  /** Wakes the sender of a group. Returns at once. */
  kick(groupId: Uint8Array): void {
    const id = toHex(groupId)
    if (this.#closed || !this.#online) return
    if (this.#running.has(id)) return void this.#running.set(id, true)
    this.#retries.get(id)?.()
    this.#retries.delete(id)
    this.#running.set(id, false)
    this.#run(groupId, id).catch(() => undefined)
  }

  /** The server can be reached: wakes every group that has something to send. */
  async online(): Promise<void> {
    this.#online = true
    const rows = await this.#kernel.turns.database.read(
      "SELECT DISTINCT group_id FROM outbox UNION SELECT group_id FROM receipt_due UNION SELECT group_id FROM mls_group WHERE profile_due = 2 OR proposals > 0",
    )
    for (const row of rows) this.kick(row["group_id"] as Uint8Array)
  }

  offline(): void {
    this.#online = false
    for (const cancel of this.#retries.values()) cancel()
    this.#retries.clear()
  }

  close(): void {
    this.#closed = true
    this.offline()
  }

  async #run(groupId: Uint8Array, id: string): Promise<void> {
    let next: Next = { status: "more" }
    try {
      while (!this.#closed && this.#online && (next.status === "more" || this.#running.get(id) === true)) {
        this.#running.set(id, false)
        next = await this.#step(groupId)
      }
    } catch (error) {
      next = { status: "retry", afterMs: lastRetryMs }
      if (!this.#closed) this.#kernel.fault(error)
    } finally {
      this.#running.delete(id)
    }
    if (next.status !== "retry" || this.#closed || !this.#online) return
    this.#retries.set(
      id,
      this.#kernel.timers.after(next.afterMs, () => {
        this.#retries.delete(id)
        this.kick(groupId)
      }),
    )
  }

  /** One step of one group: prepares the next item, or posts what is prepared. */
  async #step(groupId: Uint8Array): Promise<Next> {
    const { database } = this.#kernel.turns
    await this.#kernel.turns.idle()
    const reader = { read: (sql: string, ...values: readonly never[]) => database.read(sql, values) }
    const group = await findGroup(reader, groupId)
    if (!group || group.status === "left" || group.status === "halted") return { status: "idle" }
    const [blocked] = await database.read("SELECT 1 AS one FROM inbox WHERE group_id = ? LIMIT 1", [groupId])
    if (blocked) return { status: "idle" }
    const [row] = await database.read(
      "SELECT * FROM outbox WHERE group_id = ? AND NOT (kind = 'content' AND status = 'placed') ORDER BY rank, id LIMIT 1",
      [groupId],
    )
    const item = row && itemFromRow(row)
    if (!item) return await this.#refill(group)
    if (item.status === "placed") return { status: "idle" } // our commit or proposal: its copy in the mailbox decides
    if (this.#staleEpochs.get(toHex(groupId)) === group.epoch && item.kind !== "create") return { status: "idle" }
    try {
      if (item.status === "queued") return await this.#prepare(group, item)
      return await this.#post(group, item)
    } catch (error) {
      return await this.#failed(group, item, error)
    }
  }

  /** Nothing is queued: receipts and profile that are due become content. */
  async #refill(group: GroupRow): Promise<Next> {
    if (group.status !== "active") return { status: "idle" }
    const made = await this.#kernel.turns.run(async (turn) => {
      const familiar = await isFamiliar(turn, group)
      if (!familiar) return false
      if (group.profileDue === 2 && (await hasOthers(turn, group, this.#kernel.own.accountId)))
        return await composeProfile(this.#kernel, turn, group)
      return this.#kernel.receiptsReady(group.groupId) && (await composeReceipts(this.#kernel, turn, group))
    })
    return { status: made ? "more" : "idle" }
  }

  async #prepare(group: GroupRow, item: Item): Promise<Next> {
    switch (item.kind) {
      case "create":
        return await this.#prepareCreate(group, item)
      case "commit":
        return await this.#prepareCommit(group, item)
      case "proposal":
        return await this.#prepareProposal(group, item)
      case "content":
        return await this.#prepareContent(group, item)
    }
  }

  async #prepareCreate(group: GroupRow, item: Item): Promise<Next> {
    const { own, session, crypto, states, turns } = this.#kernel
    const { claims } = await session.call(claimKeyPackages, { accountId: own.accountId, deviceIds: [own.deviceId] })
    const claim = claims.find((candidate) => equal(candidate.deviceId, own.deviceId))
    if (!claim) throw new ClientError("identity_untrusted", "The server gave no place for this device.")
    await turns.run(async (turn) => {
      const state = await states.find(turn, group.groupId)
      if (!state) return
      const key = deliveryKey(states.environment(), state)
      const unsigned = { groupId: group.groupId, deliveryKey: key.publicKey, mailbox: own.deviceId, token: claim.token }
      const signature = crypto.signEd25519({ privateKey: key.privateKey, message: createSignatureInput(unsigned) })
      savePrepared(turn, item, { request: encodeMessage({ ...unsigned, signature }), epoch: 0, bodyHash: undefined })
    })
    return { status: "more" }
  }

  async #prepareCommit(group: GroupRow, item: Item): Promise<Next> {
    const intent = decodeIntent(item.payload)
    const claims = intent.type === "add" ? await this.#claims(intent) : []
    const { states, turns, crypto } = this.#kernel
    await turns.run(async (turn) => {
      const state = await states.find(turn, group.groupId)
      if (!state || !(await isQueued(turn, item))) return
      const built = await this.#builder.build(state, intent, claims)
      if (!built) {
        turn.write("DELETE FROM outbox WHERE id = ?", item.id)
        return
      }
      const bodyHash = crypto.sha256(built.request.commit)
      savePrepared(turn, item, { request: encodeMessage(built.request), epoch: built.request.epoch, bodyHash })
      saveOwnBody(turn, item, { groupId: group.groupId, bodyHash, epoch: built.request.epoch, staged: encodeStaged(built.own.staged) })
    })
    return { status: "more" }
  }

  /** Every account is asked for anew before its devices are let in. Own other devices come along with the first people. */
  async #claims(intent: Extract<Intent, { readonly type: "add" }>): Promise<readonly ClaimedDevice[]> {
    const { session, trust } = this.#kernel
    const out: ClaimedDevice[] = []
    for (const accountId of intent.accounts) {
      await trust.refresh({ accountId })
      const { claims } = await session.call(claimKeyPackages, { accountId })
      out.push(...claims.map((claim) => ({ ...claim, accountId })))
    }
    return out
  }

  async #prepareProposal(group: GroupRow, item: Item): Promise<Next> {
    const { states, turns, own } = this.#kernel
    await turns.run(async (turn) => {
      const state = await states.find(turn, group.groupId)
      if (!state || !(await isQueued(turn, item))) return
      const { change, message } = propose(states.environment(), state, {
        proposal: { type: "remove", leafIndex: state.ownLeafIndex },
        signer: own.signer,
      })
      this.#savePost(turn, group, item, { state, message })
      states.save(turn, change)
    })
    return { status: "more" }
  }

  async #prepareContent(group: GroupRow, item: Item): Promise<Next> {
    const { states, turns, own } = this.#kernel
    return await turns.run(async (turn): Promise<Next> => {
      const state = await states.find(turn, group.groupId)
      if (!state || !(await isQueued(turn, item))) return { status: "more" }
      const current = await findGroup(turn, group.groupId)
      // RFC 9420 §12.4: proposals that were seen are committed before application data is sent.
      if (current && current.proposals > 0) {
        await queueProposals(turn, group.groupId)
        return { status: "more" }
      }
      if (
        current &&
        current.profileDue > 0 &&
        item.messageId &&
        (await isFamiliar(turn, group)) &&
        (await composeProfile(this.#kernel, turn, group))
      )
        return { status: "more" }
      const { change, message } = protect(states.environment(), state, { plaintext: pad(item.payload), signer: own.signer })
      this.#savePost(turn, group, item, { state, message })
      states.save(turn, change)
      return { status: "more" }
    })
  }

  #savePost(
    turn: Turn,
    group: GroupRow,
    item: Item,
    { state, message }: { readonly state: Parameters<typeof deliveryKey>[1]; readonly message: Uint8Array },
  ): void {
    const { crypto, states } = this.#kernel
    const unsigned = { groupId: group.groupId, epoch: Number(state.epoch), body: message }
    const signature = crypto.signEd25519({
      privateKey: deliveryKey(states.environment(), state).privateKey,
      message: postSignatureInput(crypto.sha256, unsigned),
    })
    const bodyHash = crypto.sha256(message)
    savePrepared(turn, item, { request: encodeMessage({ ...unsigned, signature }), epoch: unsigned.epoch, bodyHash })
    saveOwnBody(turn, item, { groupId: group.groupId, bodyHash, epoch: unsigned.epoch, staged: undefined })
  }

  async #post(group: GroupRow, item: Item): Promise<Next> {
    const { session, turns } = this.#kernel
    const request = item.request ?? new Uint8Array()
    switch (item.kind) {
      case "create":
        await session.call(createGroup, decodeMessage(createGroup.request, request, createGroup.maxRequestBytes))
        await turns.run(async (turn) => turn.write("DELETE FROM outbox WHERE id = ?", item.id))
        return { status: "more" }
      case "commit":
        await session.call(commitRoute, decodeMessage(commitRoute.request, request, limits.commitBundleBytes))
        await turns.run(async (turn) => turn.write("UPDATE outbox SET status = 'placed' WHERE id = ? AND status = 'prepared'", item.id))
        return { status: "idle" }
      case "proposal":
      case "content": {
        await session.call(post, decodeMessage(post.request, request, post.maxRequestBytes))
        await turns.run(async (turn) => {
          turn.write("UPDATE outbox SET status = 'placed' WHERE id = ? AND status = 'prepared'", item.id)
          if (!item.messageId) return
          turn.write(
            "UPDATE message SET outgoing = 'sent' WHERE chat_id = ? AND message_id = ? AND outgoing = 'queued'",
            group.chatId,
            item.messageId,
          )
          turn.messageChanged(group.chatId, item.messageId)
        })
        return { status: "more" }
      }
    }
  }

  /** What a failure means: wait, make it anew, or give up and say so. Nothing is lost by waiting. */
  async #failed(group: GroupRow, item: Item, error: unknown): Promise<Next> {
    if (error instanceof NetworkError) return { status: "retry", afterMs: this.#backoff(await this.#attempt(item)) }
    if (error instanceof ClientError) {
      await this.#giveUp(group, item, error.code, error.message)
      return { status: "more" }
    }
    if (!(error instanceof WireError)) throw error
    switch (error.code) {
      case "epoch_stale":
        return await this.#stale(group, item)
      case "rate_limited":
        return { status: "retry", afterMs: error.retryAfterMs ?? lastRetryMs }
      case "unavailable":
      case "internal":
      case "epoch_future":
        return { status: "retry", afterMs: error.retryAfterMs ?? this.#backoff(await this.#attempt(item)) }
      case "claim_invalid": {
        const attempts = await this.#attempt(item)
        if (attempts >= maxAttempts) break
        await this.#kernel.turns.run(async (turn) =>
          turn.write("UPDATE outbox SET status = 'queued', request = NULL WHERE id = ?", item.id),
        )
        return { status: "retry", afterMs: this.#backoff(attempts) }
      }
      case "unauthorized":
      case "invalid_signature":
      case "group_not_found": {
        const attempts = await this.#attempt(item)
        if (attempts >= maxAttempts) break
        return { status: "retry", afterMs: this.#backoff(attempts) }
      }
      default:
        break
    }
    await this.#giveUp(group, item, error.code, error.message)
    return { status: "more" }
  }

  /**
   * Another commit ended the epoch. A commit of ours stays as it is: an earlier try may have won, and the mailbox tells. A message is
   * encrypted anew once the group has moved on here too.
   */
  async #stale(group: GroupRow, item: Item): Promise<Next> {
    if (item.epoch === undefined || item.epoch >= group.epoch) this.#staleEpochs.set(toHex(group.groupId), group.epoch)
    if (item.kind === "commit") return { status: "idle" }
    await this.#kernel.turns.run(async (turn) => {
      turn.write("UPDATE outbox SET status = 'queued', request = NULL, body_hash = NULL WHERE id = ? AND status = 'prepared'", item.id)
    })
    return { status: item.epoch !== undefined && item.epoch < group.epoch ? "more" : "idle" }
  }

  async #attempt(item: Item): Promise<number> {
    await this.#kernel.turns.run(async (turn) => turn.write("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", item.id))
    return item.attempts + 1
  }

  #backoff(attempts: number): number {
    const [high = 0, low = 0] = this.#kernel.random(2)
    const jitter = 0.5 + (high * 256 + low) / 131_072
    return Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(attempts, 10)) * jitter
  }

  async #giveUp(group: GroupRow, item: Item, code: string, message: string): Promise<void> {
    await this.#kernel.turns.run(async (turn) => {
      if (item.kind === "create") {
        failOutbox(turn, group, { code, message })
        turn.write("UPDATE mls_group SET status = 'halted' WHERE group_id = ?", group.groupId)
        turn.write("UPDATE chat SET state = 'halted' WHERE chat_id = ?", group.chatId)
      } else turn.write("DELETE FROM outbox WHERE id = ?", item.id)
      if (item.messageId) {
        turn.write(
          "UPDATE message SET outgoing = 'failed', failure = ? WHERE chat_id = ? AND message_id = ?",
          JSON.stringify({ code, message }),
          group.chatId,
          item.messageId,
        )
        turn.messageChanged(group.chatId, item.messageId)
      } else if (item.kind !== "content") {
        raiseAlarm(turn, this.#kernel.random, {
          level: "notice",
          code: `change_failed_${code}`,
          text: message,
          chatId: group.chatId,
          atMs: this.#kernel.clock.nowMs(),
        })
      }
    })
  }
}

/** Asks for a commit of what others proposed, once. */
export async function queueProposals(turn: Turn, groupId: Uint8Array): Promise<void> {
  const rows = await turn.read("SELECT payload FROM outbox WHERE group_id = ? AND kind = 'commit' AND rank = 0", groupId)
  if (rows.length > 0) return
  turn.write(
    "INSERT INTO outbox (group_id, kind, payload, status, rank, attempts) VALUES (?, 'commit', ?, 'queued', 0, 0)",
    groupId,
    encodeIntent({ type: "proposals" }),
  )
}

/** Whether anything may go back to a chat besides what its person writes: it was accepted. */
async function isFamiliar(turn: Turn, group: GroupRow): Promise<boolean> {
  const chat = await findChat(turn, group.chatId)
  if (chat?.state !== "active") return false
  return chat.peer === undefined || (await findContact(turn, chat.peer))?.blocked !== true
}

async function hasOthers(turn: Turn, group: GroupRow, ownAccountId: Uint8Array): Promise<boolean> {
  const [row] = await turn.read("SELECT 1 AS one FROM member WHERE group_id = ? AND account_id != ? LIMIT 1", group.groupId, ownAccountId)
  return row !== undefined
}

async function isQueued(turn: Turn, item: Item): Promise<boolean> {
  const [row] = await turn.read("SELECT status FROM outbox WHERE id = ?", item.id)
  return row?.["status"] === "queued"
}

function savePrepared(
  turn: Turn,
  item: Item,
  prepared: { readonly request: Uint8Array; readonly epoch: number; readonly bodyHash: Uint8Array | undefined },
): void {
  turn.write(
    "UPDATE outbox SET status = 'prepared', request = ?, epoch = ?, body_hash = ? WHERE id = ?",
    prepared.request,
    prepared.epoch,
    prepared.bodyHash ?? null,
    item.id,
  )
}

function saveOwnBody(
  turn: Turn,
  item: Item,
  body: { readonly groupId: Uint8Array; readonly bodyHash: Uint8Array; readonly epoch: number; readonly staged: Uint8Array | undefined },
): void {
  turn.write(
    "INSERT OR REPLACE INTO own_body (group_id, body_hash, outbox_id, epoch, staged) VALUES (?, ?, ?, ?, ?)",
    body.groupId,
    body.bodyHash,
    item.id,
    body.epoch,
    body.staged ?? null,
  )
}

function itemFromRow(row: Row): Item {
  return {
    id: Number(row["id"]),
    kind: row["kind"] as Item["kind"],
    payload: row["payload"] as Uint8Array,
    messageId: (row["message_id"] as Uint8Array | null) ?? undefined,
    status: row["status"] as Item["status"],
    epoch: (row["epoch"] as number | null) ?? undefined,
    request: (row["request"] as Uint8Array | null) ?? undefined,
    attempts: Number(row["attempts"]),
  }
}
