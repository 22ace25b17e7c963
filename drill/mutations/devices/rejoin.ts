// Healing: what members check of a request to be let in again, and when a device asks.

import type { Mutation } from "../mutation.ts"

const client = "packages/client/src"
const readmission = `${client}/group/rejoin/readmission.ts`
const proofs = [`${client}/group/rejoin/readmission.test.ts`]
const request = `${client}/group/rejoin/rejoin-request.ts`
const requests = [`${client}/group/rejoin/rejoin-request.test.ts`]
const policy = `${client}/group/policy/policy-check.ts`
const policies = [`${client}/group/policy/policy-check.test.ts`]
const heals = ["sim/healing.test.ts"]
const restored = ["sim/transparency/restored-place.test.ts"]
const groups = ["sim/healing-group.test.ts"]
const readmitted = ["sim/hostile-member/readmission.test.ts"]
const garbage = ["sim/hostile-member/unreadable-posts.test.ts"]

type Check = readonly [name: string, without: string, file: string, text: string, replacement: string, tests: readonly string[]]

const checks: readonly Check[] = [
  [
    "rejoin-signature",
    "a leaf is replaced only with the signature of the new one's device",
    readmission,
    "if (!isReadmissionSigned(crypto, statement, { publicKey: leaf.signatureKey, signature })) return undefined",
    "",
    proofs,
  ],
  ["rejoin-epoch", "nobody asks in an epoch that is still to come", readmission, "|| BigInt(epoch) > state.epoch", "", proofs],
  [
    "rejoin-account",
    "a leaf is replaced by one of the same account",
    readmission,
    "if (!equal(identify(removed).accountId, identify(leaf).accountId)) return undefined",
    "",
    proofs,
  ],
  ["rejoin-removes", "a leaf that is replaced goes", readmission, "if (!removed || !leaf || !given", "if (!leaf || !given", proofs],
  [
    "rejoin-once",
    "one wish replaces one leaf",
    readmission,
    "return isWhole && once ? found : undefined",
    "return isWhole ? found : undefined",
    proofs,
  ],
  [
    "rejoin-claimed",
    "nobody claims a wish that there is not (P18)",
    policy,
    '(check.readmissions === undefined ? "P18" : undefined) ??',
    "",
    policies,
  ],
  [
    "rejoin-adds-others",
    "a wish lets in nobody else (P18)",
    policy,
    "if (readmissions?.some((each) => each.added === leaf.leafIndex)) continue",
    "if ((readmissions ?? []).length > 0) continue",
    policies,
  ],
  [
    "rejoin-removes-others",
    "a wish takes out nobody else (P18)",
    policy,
    "if (readmissions?.some((each) => each.removed === leaf.leafIndex)) continue",
    "if ((readmissions ?? []).length > 0) continue",
    policies,
  ],
  [
    "rejoin-asked",
    "a request counts as its device signed it",
    request,
    "return isReadmissionSigned(env.crypto, statement, { publicKey: verified.member.signatureKey, signature }) ? verified : undefined",
    "return isReadmissionSigned(env.crypto, statement, { publicKey: verified.member.signatureKey, signature }) ? verified : verified",
    requests,
  ],
  [
    "rejoin-place",
    "what is sealed for one seat is for no other",
    request,
    "return encodeTls((w) => w.raw(groupId).raw(seat).u64(BigInt(epoch)))",
    "return encodeTls((w) => w.raw(groupId).u64(BigInt(epoch + 0 * seat.length)))",
    requests,
  ],
  [
    "rejoin-padding",
    "nothing hides in the padding of a request",
    request,
    'if (r.raw(r.remainingBytes).some((byte) => byte !== 0)) throw new CodecError("invalid_value", "padding of a request")',
    "r.raw(r.remainingBytes)",
    requests,
  ],
  [
    "rejoin-vouched",
    "a device that is let in again takes what has changed from an admin only",
    `${client}/group/join/joining.ts`,
    "if (isReadmitted && !(await this.#isVouchedFor(tx, record.groupId, opened)))",
    "if (isReadmitted && known === undefined)",
    readmitted,
  ],
  [
    "rejoin-vouched-people",
    "a member who is no admin brings nobody in with such an answer",
    policy,
    "return leaves.every(({ accountId }) => known.accounts.has(toHex(accountId))) && equal(",
    "return equal(",
    policies,
  ],
  [
    "rejoin-vouched-rules",
    "a member who is no admin changes no rules with such an answer",
    policy,
    "known.accounts.has(toHex(accountId))) && equal(rest(policy), rest(known.policy))",
    "known.accounts.has(toHex(accountId)))",
    policies,
  ],
  [
    "rejoin-refused-again",
    "a device asks again after an answer that it refused",
    `${client}/group/join/joining.ts`,
    "askFromDrawnSeat(tx, pending, this.#parts.clock.nowMs())",
    "void askFromDrawnSeat",
    readmitted,
  ],
  [
    "healing-silent",
    "nothing is sent in a group while the device is to be let in again",
    `${client}/sending/outbox.ts`,
    "const healing = await findHealing(reader, groupId)",
    "const healing = undefined as Awaited<ReturnType<typeof findHealing>>",
    heals,
  ],
  [
    "healing-only-answers",
    "a device that lost messages lets others in and sends nothing else",
    `${client}/sending/outbox.ts`,
    "const items = healing ? all.filter((each) => kindOf(this.#kinds, each).letsOthersIn) : all",
    "const items = all",
    garbage,
  ],
  [
    "healing-answers",
    "those who all lost messages at once let each other in",
    `${client}/group/rejoin/healing.ts`,
    'return reason === "message"',
    "return reason === undefined",
    garbage,
  ],
  [
    "healing-once-a-day",
    "messages that do not open have a device ask at most once a day",
    `${client}/group/rejoin/healing.ts`,
    'if (reason === "message" && ((await lastHealedMs(tx, groupId)) ?? -Infinity) > nowMs - forMessagesMs) return false',
    "",
    garbage,
  ],
  [
    "healing-gap",
    "a device whose log has a gap is let in again before it sends",
    `${client}/receiving/seat-trouble.ts`,
    'await this.#heal(seat, "gap")',
    "",
    heals,
  ],
  [
    "healing-alone",
    "a commit that this device alone cannot read has it let in again",
    `${client}/receiving/commit.ts`,
    'return void (await beginHealing(parts, tx, group, isCopy ? "copy" : "commit"))',
    "return",
    groups,
  ],
  [
    "healing-rekeyed",
    "a copy from before the device had a seat of its own makes the seat's secret again",
    `${client}/receiving/reading.ts`,
    'if (code === "seat_unknown" && (await this.#trouble.rekeyed(now))) return this.seatsChanged()',
    "",
    heals,
  ],
  [
    "healing-place-of-copy",
    "an older copy that cannot read on knows the place that another one got",
    `${client}/receiving/commit.ts`,
    "if (equal(made.publicKey, publicKey) && !(await hasReadAt(tx, { groupId, seat }))) return true",
    "",
    heals,
  ],
  [
    "healing-other-secret",
    "a place of an archive opens with either secret",
    `${client}/sending/rejoin/rejoin-asking.ts`,
    "if (own?.otherSecret) {",
    "if (own?.otherSecret && overMs < 0) {",
    restored,
  ],
  [
    "healing-place-lost",
    "a device whose place is gone stops asking",
    `${client}/sending/rejoin/rejoin-asking.ts`,
    "if (nowMs - overMs < overAfterMs) return { againInMs: againMs }",
    "if (nowMs >= overMs) return { againInMs: againMs }",
    restored,
  ],
]

export const rejoinMutations: readonly Mutation[] = checks.map(([name, without, file, text, replacement, tests]) => ({
  name,
  without,
  edits: [{ file, text, replacement }],
  tests,
}))
