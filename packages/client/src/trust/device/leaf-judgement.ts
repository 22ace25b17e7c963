// Judges whether leaves may be in a group: each against the account that it names.

import { equal, toHex } from "@nodoor/bytes"
import type { AccountId, VerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import type { OwnDevice } from "../../core/own-device.ts"
import type { ChatKind } from "../../store/chat/chats.ts"
import type { Reader } from "../../store/reader.ts"
import type { AccountEnding } from "../contact/ended-account.ts"
import type { IdentifiedMember } from "./identified-member.ts"
import { lists, versionWithout } from "./listed-devices.ts"
import { isDistrusted } from "../../store/trust/distrust.ts"

export type DistrustCode = "origin" | "unknown_device" | "unknown_own_device" | "distrusted"

export type Judgement =
  | { readonly status: "trusted" }
  /** Leaves of a Welcome whose accounts listed them once, and do so no more: nobody is let into a group with them in it. */
  | { readonly status: "stale"; readonly leaves: readonly IdentifiedMember[] }
  /** These accounts must be looked up first; undecided until then. */
  | { readonly status: "lookup"; readonly accounts: readonly AccountId[] }
  /** Devices of a hard reset: undecided until the hold is over, or the person was verified. */
  | { readonly status: "held"; readonly accountId: AccountId; readonly untilMs: number }
  | { readonly status: "untrusted"; readonly accountId: AccountId; readonly code: DistrustCode }

/** The leaves that are to be believed, each by what it takes to be let in there. */
export interface LeavesToJudge {
  /** Held devices of a group are let in and taken out again before anything is sent; between two people they are waited for. */
  readonly kind: ChatKind
  /** Of a Welcome: listed now, whatever was true before. */
  readonly welcomed?: readonly IdentifiedMember[]
  /** Who signed it, one of them. Looked up first, and always again. */
  readonly signer?: IdentifiedMember
  readonly added?: readonly IdentifiedMember[]
  readonly kept?: readonly IdentifiedMember[]
}

/** What was asked of the log since a record first came up: hexadecimal ids of accounts. `final`: what is missing there is not waited for. */
export interface Lookups {
  readonly asked: ReadonlySet<string>
  readonly final: ReadonlySet<string>
}

/** What the judgement takes into account. */
export interface JudgementFacts {
  readonly accounts: {
    latest(accountId: Uint8Array): Promise<VerifiedAccountState | undefined>
    ending(accountId: Uint8Array): Promise<AccountEnding | undefined>
    isRecent(accountId: Uint8Array): Promise<boolean>
  }
  readonly holds: { heldUntilMs(accountId: Uint8Array, options?: { readonly verifiedCounts?: boolean }): Promise<number | undefined> }
  readonly keyLog: { isClosed(): Promise<boolean> }
  readonly reader: Reader
  readonly crypto: CryptoProvider
  readonly own: Pick<OwnDevice, "accountId" | "origin">
}

type Place = "welcomed" | "added" | "kept"

/**
 * Whether leaves may stand in a group: each names an account of this server and a device that the account's latest state in the log
 * lists with the leaf's very key. A leaf that an earlier state listed is excused in a group this device lives in: `kept` go on, `added`
 * are let in and go again before anything is sent (`isRevoked`). In a Welcome nothing excuses it. `welcomed` and `added` have no place
 * yet, so the log must have been asked lately.
 */
export async function judgeLeaves(facts: JudgementFacts, leaves: LeavesToJudge, looks: Lookups): Promise<Judgement> {
  const { signer, welcomed = [], added = [], kept = [], kind } = leaves
  const missing = new Map<string, AccountId>()
  const stale: IdentifiedMember[] = []
  let held: Judgement | undefined
  if (signer) {
    const verdict = await judgeLeaf(facts, signer, { place: "welcomed", looks })
    if (verdict.status !== "trusted") return verdict
    if (!looks.asked.has(toHex(signer.accountId))) return { status: "lookup", accounts: [signer.accountId] }
  }
  const places: readonly (readonly [Place, readonly IdentifiedMember[]])[] = [
    ["welcomed", welcomed],
    ["added", added],
    ["kept", kept],
  ]
  for (const [place, members] of places)
    for (const member of members) {
      const verdict = await judgeLeaf(facts, member, { place, looks })
      if (verdict.status === "untrusted") return verdict
      if (verdict.status === "held" && (kind !== "group" || !(await goesFromGroups(facts, member)))) held = verdict
      if (verdict.status === "stale") stale.push(member)
      if (verdict.status === "lookup") missing.set(toHex(member.accountId), member.accountId)
    }
  if (missing.size > 0) return { status: "lookup", accounts: [...missing.values()] }
  if (stale.length > 0) return { status: "stale", leaves: stale }
  if (held) return held
  // A log that has stopped growing says nothing current about newcomers, so one is looked up until the log grows again.
  const newcomer = [...welcomed, ...added].find(({ accountId }) => !equal(accountId, facts.own.accountId))
  return newcomer && (await facts.keyLog.isClosed()) ? { status: "lookup", accounts: [newcomer.accountId] } : { status: "trusted" }
}

/** A group does not wait for a hold that applies to everybody: such an account is removed. It waits only where this person has to confirm. */
async function goesFromGroups({ holds }: JudgementFacts, { accountId }: IdentifiedMember): Promise<boolean> {
  return (await holds.heldUntilMs(accountId, { verifiedCounts: false })) !== undefined
}

async function judgeLeaf(
  facts: JudgementFacts,
  member: IdentifiedMember,
  { place, looks }: { readonly place: Place; readonly looks: Lookups },
): Promise<Judgement> {
  const { accounts, holds, reader, crypto, own } = facts
  const { accountId } = member
  const untrusted = (code: DistrustCode): Judgement => ({ status: "untrusted", accountId, code })
  if (member.origin !== own.origin) return untrusted("origin")
  const account = await accounts.latest(accountId)
  const listed = account !== undefined && lists(account, member) && (await accounts.ending(accountId)) !== "unproven"
  if (listed && place === "kept") return { status: "trusted" }
  if (place !== "kept" && (await isDistrusted(reader, accountId))) return untrusted("distrusted")
  if (!listed && (await versionWithout(crypto, reader, member)) !== undefined)
    return place === "welcomed" ? { status: "stale", leaves: [member] } : { status: "trusted" }
  // Another own device may have let it in a moment ago.
  if (equal(accountId, own.accountId) && (listed || looks.final.has(toHex(accountId))))
    return listed ? { status: "trusted" } : untrusted("unknown_own_device")
  if (listed && (await accounts.isRecent(accountId))) {
    const untilMs = await holds.heldUntilMs(accountId)
    return untilMs === undefined ? { status: "trusted" } : { status: "held", accountId, untilMs }
  }
  return looks.final.has(toHex(accountId)) ? untrusted("unknown_device") : { status: "lookup", accounts: [accountId] }
}
