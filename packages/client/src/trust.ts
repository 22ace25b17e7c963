// Whom this device believes: account chains verified from the server's answers, and the check of every leaf against them
// (docs/transparency.md §5). Versions and reset counts never go down, because a state is only ever followed by its successor.

import { bytes, equal, toHex } from "@nodoor/bytes"
import {
  type AccountId,
  KeylogError,
  type VerifiedAccountState,
  decodeVerifiedAccountState,
  encodeVerifiedAccountState,
  findDevice,
  verifyAccountChain,
  verifyHandleBinding,
} from "@nodoor/keylog"
import type { CryptoProvider, Member, Random } from "@nodoor/mls"
import { type LookupAnswer, lookup } from "@nodoor/wire"
import { raiseAlarm } from "./alarms.ts"
import { ClientError } from "./client-error.ts"
import { type Identity, decodeIdentity } from "./credential.ts"
import type { OwnDevice } from "./own-device.ts"
import type { Clock } from "./ports.ts"
import type { Session } from "./session.ts"
import { findContact } from "./store/rows.ts"
import { insertEvent } from "./store/messages.ts"
import type { Turn, Turns } from "./turn.ts"

/** A member whose credential was taken apart; whether it may be believed is `Judgement`'s to say. */
export interface IdentifiedMember extends Member, Identity {}

export type Judgement =
  | { readonly status: "trusted" }
  /** These accounts must be asked for first; undecided until then. */
  | { readonly status: "lookup"; readonly accounts: readonly AccountId[] }
  | { readonly status: "untrusted"; readonly accountId: AccountId; readonly code: "origin" | "unknown_device" | "unknown_own_device" }

/** A chain of this many pages of 64 versions is nobody's; the server is playing for time. */
const maxLookupPages = 16

export class Trust {
  readonly #turns: Turns
  readonly #session: Session
  readonly #crypto: CryptoProvider
  readonly #random: Random
  readonly #clock: Clock
  readonly #own: OwnDevice
  readonly #latest = new Map<string, VerifiedAccountState>()

  constructor(parts: {
    readonly turns: Turns
    readonly session: Session
    readonly crypto: CryptoProvider
    readonly random: Random
    readonly clock: Clock
    readonly own: OwnDevice
  }) {
    this.#turns = parts.turns
    this.#session = parts.session
    this.#crypto = parts.crypto
    this.#random = parts.random
    this.#clock = parts.clock
    this.#own = parts.own
  }

  /** The latest verified state this device holds of an account. */
  async latest(accountId: Uint8Array): Promise<VerifiedAccountState | undefined> {
    const known = this.#latest.get(toHex(accountId))
    if (known) return known
    const [row] = await this.#turns.database.read("SELECT state FROM account_state WHERE account_id = ? ORDER BY version DESC LIMIT 1", [
      accountId,
    ])
    if (!row) return undefined
    const state = decodeVerifiedAccountState(this.#crypto, row["state"] as Uint8Array)
    this.#latest.set(toHex(accountId), state)
    return state
  }

  /**
   * Whether leaves may stand in a group: each names an account of this server and a device that the account's latest verified state
   * lists with the leaf's very key. Accounts in `fresh` have just been asked for; for others a miss is undecided.
   */
  async judge(members: readonly IdentifiedMember[], fresh: ReadonlySet<string>): Promise<Judgement> {
    const missing = new Map<string, AccountId>()
    for (const member of members) {
      const id = toHex(member.accountId)
      if (member.origin !== this.#own.origin) return { status: "untrusted", accountId: member.accountId, code: "origin" }
      const account = await this.latest(member.accountId)
      if (account && lists(account, member)) continue
      if (equal(member.accountId, this.#own.accountId))
        return { status: "untrusted", accountId: member.accountId, code: "unknown_own_device" }
      if (fresh.has(id)) return { status: "untrusted", accountId: member.accountId, code: "unknown_device" }
      missing.set(id, member.accountId)
    }
    return missing.size === 0 ? { status: "trusted" } : { status: "lookup", accounts: [...missing.values()] }
  }

  /** Whether the account has a verified state that does not list the leaf's device with its key. */
  async isRevoked(member: IdentifiedMember): Promise<boolean> {
    const account = await this.latest(member.accountId)
    return account !== undefined && !lists(account, member)
  }

  /**
   * Asks the server for an account's newer states, verifies them after the last known one, and stores them. Not inside a turn.
   * @throws ClientError `identity_untrusted` when the answer breaks a rule (an alarm is raised); WireError, NetworkError
   */
  async refresh(who: { readonly accountId: AccountId } | { readonly handle: string }): Promise<AccountId> {
    let asked = who
    for (let page = 0; page < maxLookupPages; page++) {
      const known = "accountId" in asked ? await this.latest(asked.accountId) : undefined
      const answer = await this.#session.call(lookup, { ...asked, ...(known && { knownVersion: known.state.version }) })
      const accountId = bytes<"AccountId">(answer.accountId)
      if ("accountId" in asked && !equal(asked.accountId, accountId))
        throw new ClientError("identity_untrusted", "The server answered for another account.")
      const question = asked
      const more = await this.#turns.run((turn) => this.#take(turn, accountId, answer, question))
      if (!more) return accountId
      asked = { accountId }
    }
    throw new ClientError("identity_untrusted", "The account has more versions than a person can make.")
  }

  /** Takes in one answer. Says whether there may be another page. */
  async #take(
    turn: Turn,
    accountId: AccountId,
    answer: LookupAnswer,
    who: { readonly accountId: AccountId } | { readonly handle: string },
  ): Promise<boolean> {
    const previous = await this.latest(accountId)
    const known = previous ? previous.state.version : -1
    // A lookup by handle may send what is known already; what follows must follow on it.
    const states =
      answer.states.length > 0 && "handle" in who ? answer.states.slice(Math.min(known + 1, answer.states.length)) : answer.states
    let verified: readonly VerifiedAccountState[]
    try {
      verified = verifyAccountChain(this.#crypto, { previous, states, origin: this.#own.origin, accountId })
      const all = [...(await this.#storedStates(turn, accountId)), ...verified]
      if (all.length === 0) throw new ClientError("identity_untrusted", "The server sent no identity for the account.")
      if ("handle" in who && answer.handle !== who.handle)
        throw new ClientError("identity_untrusted", "The server answered for another handle.")
      verifyHandleBinding(this.#crypto, { binding: answer.handleBinding, origin: this.#own.origin, handle: answer.handle, states: all })
    } catch (error) {
      if (error instanceof KeylogError) throw await this.#distrust(accountId, error)
      throw error
    }
    for (const state of verified)
      turn.write(
        "INSERT OR IGNORE INTO account_state (account_id, version, state) VALUES (?, ?, ?)",
        accountId,
        state.state.version,
        encodeVerifiedAccountState(state),
      )
    const latest = verified.at(-1) ?? previous
    if (latest) {
      turn.after(() => this.#latest.set(toHex(accountId), latest))
      await this.#noteContact(turn, latest, answer.handle)
    }
    return states.length >= fullPage
  }

  /** The contact as its chain now shows it; a reset since it was first seen is a change that people are told of. */
  async #noteContact(turn: Turn, latest: VerifiedAccountState, handle: string): Promise<void> {
    const { accountId, resetCount } = latest.state
    if (equal(accountId, this.#own.accountId)) return
    const nowMs = this.#clock.nowMs()
    const contact = await findContact(turn, accountId)
    if (!contact) {
      turn.write(
        "INSERT OR IGNORE INTO contact (account_id, handle, name, accepted, blocked, first_resets, checked_ms) VALUES (?, ?, '', 0, 0, ?, ?)",
        accountId,
        handle,
        resetCount,
        nowMs,
      )
      turn.contactChanged(accountId)
      return
    }
    turn.write("UPDATE contact SET handle = ?, checked_ms = ? WHERE account_id = ?", handle, nowMs, accountId)
    if (resetCount <= contact.firstResets) return
    turn.write(
      "UPDATE contact SET change_ms = ?, change_kind = 'reset', first_resets = ? WHERE account_id = ?",
      nowMs,
      resetCount,
      accountId,
    )
    turn.contactChanged(accountId)
    const chats = await turn.read(
      "SELECT DISTINCT g.chat_id, g.group_id, g.last_order FROM member m JOIN mls_group g ON g.group_id = m.group_id WHERE m.account_id = ?",
      accountId,
    )
    for (const row of chats) {
      const at = {
        chatId: row["chat_id"] as Uint8Array,
        groupId: row["group_id"] as Uint8Array,
        order: Number(row["last_order"]),
        timeMs: nowMs,
        accountId,
      }
      await insertEvent(turn, this.#crypto.sha256, at, { kind: "identity_changed", account: toHex(accountId) })
    }
  }

  async #storedStates(turn: Turn, accountId: AccountId): Promise<readonly VerifiedAccountState[]> {
    const rows = await turn.read("SELECT state FROM account_state WHERE account_id = ? ORDER BY version", accountId)
    return rows.map((row) => decodeVerifiedAccountState(this.#crypto, row["state"] as Uint8Array))
  }

  /** Keeps the alarm even though the turn that found it writes nothing else. */
  async #distrust(accountId: AccountId, cause: KeylogError): Promise<ClientError> {
    const text = "The server showed an identity for an account that does not follow from what was known. Nothing of it was believed."
    const alarm = { level: "red" as const, code: `identity_${cause.code}`, text, accountId, atMs: this.#clock.nowMs() }
    this.#turns.run(async (turn) => raiseAlarm(turn, this.#random, alarm)).catch(() => undefined)
    return new ClientError("identity_untrusted", text, { cause })
  }
}

/** The server sends at most 64 states in an answer (limits.accountStatesPerAnswer); a full page may have a successor. */
const fullPage = 64

/** @throws CodecError for a credential that is not one of ours */
export function identify(member: Member): IdentifiedMember {
  return { ...member, ...decodeIdentity(member.identity) }
}

function lists(account: VerifiedAccountState, member: IdentifiedMember): boolean {
  const device = findDevice(account.state, member.deviceId)
  return device !== undefined && equal(device.signatureKey, member.signatureKey)
}
