// Builds this device's commits: turns an intent into one request, and checks it against the rules that apply to everybody's commits.

import { equal, toHex } from "@nodoor/bytes"
import {
  type Environment,
  type GroupState,
  MlsError,
  type OwnCommit,
  type ProposalInput,
  type Random,
  type Signer,
  type StagedCommit,
  type VerifiedKeyPackage,
  commit,
  extensions,
  members,
} from "@nodoor/mls"
import { type CommitItem, type SeatKeys, seatBytes, seatSecretBytes } from "@nodoor/wire/delivery"
import { ClientError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { type Policy, encodePolicy, policyOf, withPolicy, withRole } from "../../core/policy.ts"
import type { Intent } from "../../store/group/intent.ts"
import { predecessorsOf } from "../../store/group/predecessor.ts"
import type { NewIntroduction } from "../../store/group/introductions.ts"
import type { KeptSeat, OwnSeat } from "../../store/group/seats.ts"
import { groupTexts } from "../../texts/en.ts"
import { type IdentifiedMember, identify } from "../../trust/trust.ts"
import type { GroupStates } from "../group-states.ts"
import { sealIntroduction } from "../join/introduction.ts"
import { type MustGoTrust, mustGo } from "../membership/must-go.ts"
import { leavesAfterCommit, policyAfterRemovals } from "../policy/policy-check.ts"
import { encodeReadmissions } from "../rejoin/readmission.ts"
import { type Unnumbered, buildCommitRequest } from "../seat/posting-request.ts"
import { judgeSeats } from "../seat/seat-check.ts"
import { ownSeatSecret, seatKeysOf, seatOf } from "../seat/seat-keys.ts"
import { encodeAddedSeats, groupSeatsExtension, leafSeatExtension, readmissionsType, seatsType } from "../seat/seat-list.ts"
import { isUnattached } from "../../store/group/unattached.ts"
import { type ClaimTrust, type ClaimedDevice, type RefusedDevice, checkClaims, heldError } from "./claimed-devices.ts"
import { type CommitTrust, judgeCommit } from "./commit-judgement.ts"

export interface BuiltCommit {
  readonly request: Unnumbered<CommitItem>
  readonly own: OwnCommit
  /** Claimed devices that were left out, and why. */
  readonly refused: readonly RefusedDevice[]
  /** For those that are added, to be sent once the commit is taken in. */
  readonly introductions: readonly NewIntroduction[]
  /** The secret of this device's own for its seat, when the commit brings its key for the first time. */
  readonly nextSecret: Uint8Array | undefined
}

export interface CommitBuilderParts {
  readonly own: Pick<OwnDevice, "origin" | "accountId" | "deviceId" | "signer">
  readonly random: Random
  readonly states: Pick<GroupStates, "environment">
  readonly trust: CommitTrust & MustGoTrust & ClaimTrust
}

/** The group as a commit finds it. */
export interface SeatedGroup {
  readonly state: GroupState
  readonly seats: readonly KeptSeat[]
  readonly ownSeat: OwnSeat
}

interface Add {
  readonly keyPackage: VerifiedKeyPackage
  readonly claim: ClaimedDevice
  /** Of the seat; undefined when the device drew it for itself. */
  readonly secret?: Uint8Array
  readonly keys: SeatKeys
}

interface Options {
  /** Adds new keys of this device. */
  readonly forcePath?: boolean
}

export class CommitBuilder {
  readonly #parts: CommitBuilderParts

  constructor(parts: CommitBuilderParts) {
    this.#parts = parts
  }

  /**
   * Returns undefined when there is nothing left to do. The first commit of a device in a group brings a key of its own for its seat.
   * @throws ClientError `not_allowed` when the policy forbids it, `identity_untrusted` when a claimed device is not its account's
   */
  async build(
    group: SeatedGroup,
    intent: Intent,
    claims: readonly ClaimedDevice[],
    options: Options = {},
  ): Promise<BuiltCommit | undefined> {
    try {
      return await this.#build(group, intent, claims, { ...options, byReference: true })
    } catch (error) {
      const refused = error instanceof MlsError || (error instanceof ClientError && error.code === "not_allowed")
      if (!refused || intent.type === "proposals") throw error
      // Invalid proposals of others must not block this commit. RFC 9420 §12.4 lets them lapse with the epoch.
      return await this.#build(group, intent, claims, { ...options, byReference: false })
    }
  }

  async #build(
    group: SeatedGroup,
    intent: Intent,
    claims: readonly ClaimedDevice[],
    { byReference, forcePath = false }: Options & { readonly byReference: boolean },
  ): Promise<BuiltCommit | undefined> {
    const { state, seats, ownSeat } = group
    const { states, random, own: self } = this.#parts
    const env = states.environment()
    const leaves = members(state).map(identify)
    const policy = policyOf(extensions(state))
    const replaced = intent.type === "add" ? replacedBy(claims, leaves, { seats, nowMs: env.timeMs }) : askedToGo(claims, leaves, seats)
    const { adds: checked, refused } = await checkClaims(
      this.#parts,
      { leaves: leaves.filter((leaf) => !replaced.includes(leaf)), predecessors: predecessorsOf(extensions(state)) },
      claims,
    )
    const adds = checked.map((add): Add => {
      const { asked } = add.claim
      if (asked) return { ...add, keys: asked.keys }
      const seat = { seat: random(seatBytes), secret: random(seatSecretBytes) }
      return { ...add, secret: seat.secret, keys: seatKeysOf(env.crypto, seat) }
    })
    const placeOf = (leaf: IdentifiedMember): Uint8Array | undefined => seats.find(({ leafIndex }) => leafIndex === leaf.leafIndex)?.seat
    const goes = (leaf: IdentifiedMember): boolean =>
      replaced.includes(leaf) &&
      adds.some(({ claim }) => (claim.asked ? equal(claim.asked.seat, placeOf(leaf) ?? new Uint8Array()) : isDeviceOf(leaf, claim)))
    const mustGoToo = await this.#removed(intent, leaves, policy.kind)
    const proposals: ProposalInput[] = [
      ...adds.map(({ keyPackage }) => ({ type: "add" as const, keyPackage })),
      ...seatsProposal(adds),
      ...readmissionsProposal(adds),
      ...leaves
        .filter((leaf) => goes(leaf) || mustGoToo.includes(leaf))
        .map((leaf) => ({ type: "remove" as const, leafIndex: leaf.leafIndex })),
    ]
    const wanted = wantedPolicy(intent, policy)
    const empty = proposals.length === 0 && same(wanted, policy)
    if (empty && intent.type !== "proposals" && intent.type !== "renew") return undefined
    const takeover = takenOver(group, env, self.signer)
    const leafExtensions = takeover && leafSeatExtension({ seat: ownSeat.seat, publicKey: seatOf(env.crypto, takeover).publicKey })
    const make = (next: Policy): OwnCommit => {
      const context: ProposalInput[] = same(next, policy)
        ? []
        : [{ type: "group_context_extensions", extensions: withPolicy(extensions(state), next) }]
      return commit(env, state, {
        proposals: [...proposals, ...context],
        signer: self.signer,
        byReference,
        forcePath,
        ...(leafExtensions && { leafExtensions: [leafExtensions] }),
        groupInfoExtensions: (staged) => groupInfoSeats(seats, staged),
      })
    }
    const first = make(wanted)
    // Only the first commit shows which leaves others asked to remove. Roles without a leaf must go in the same commit.
    const { added, removed, updated } = first.staged
    const after = leavesAfterCommit({
      leavesBefore: leaves,
      added: added.map(identify),
      removed: removed.map(identify),
      updated: updated.map(identifyBoth),
    })
    const needed = policyAfterRemovals(wanted, after)
    const own = same(needed, wanted) ? first : make(needed)
    await this.#check(group, own.staged)
    const gone = new Set(own.staged.removed.map(({ leafIndex }) => leafIndex))
    const request = buildCommitRequest(env, state, {
      own,
      seat: { seat: ownSeat.seat, secret: secretInTree(group, env.crypto) },
      adds: adds.map(({ keys }) => keys),
      removes: seats.filter(({ leafIndex }) => gone.has(leafIndex)).map(({ seat }) => seat),
      isWelcome: intent.type === "rejoin",
    })
    return { own, request, refused, introductions: this.#introductions(state, own, adds), nextSecret: takeover }
  }

  async #removed(intent: Intent, leaves: readonly IdentifiedMember[], kind: Policy["kind"]): Promise<readonly IdentifiedMember[]> {
    if (intent.type !== "remove" && intent.type !== "revoke" && intent.type !== "add" && intent.type !== "rejoin") return []
    // Newcomers refuse a group with a leaf that its account does not list, so a commit that adds them removes it.
    const asked =
      intent.type === "add" || intent.type === "rejoin" ? leaves : leaves.filter((leaf) => equal(leaf.accountId, intent.account))
    if (intent.type === "remove") return asked
    const out = await Promise.all(asked.map((leaf) => mustGo(this.#parts.trust, this.#parts.own, { leaf, kind })))
    return asked.filter((_, at) => out[at])
  }

  async #check({ state, seats }: SeatedGroup, staged: StagedCommit): Promise<void> {
    const after = judgeSeats(seats, staged)
    if (after.status === "broken") throw new ClientError("not_allowed", groupTexts.forbidden(after.rule))
    // The accounts that are added were looked up before, and the others are in the group already.
    const present = new Set(members(state).map((member) => toHex(identify(member).accountId)))
    const { timeMs } = this.#parts.states.environment()
    const looks = { asked: present, final: present }
    const { crypto } = this.#parts.states.environment()
    const verdict = await judgeCommit(this.#parts.trust, { state, seats, crypto }, staged, { looks, timeMs })
    if (verdict.status === "refused") throw new ClientError("not_allowed", groupTexts.forbidden(verdict.code))
    if (verdict.status === "held") throw heldError(verdict.untilMs, { nowMs: timeMs, verifiedCounts: true })
    if (verdict.status === "lookup") throw new ClientError("identity_untrusted", groupTexts.unverified)
  }

  #introductions(state: GroupState, own: OwnCommit, adds: readonly Add[]): readonly NewIntroduction[] {
    const { states, own: self } = this.#parts
    const env = states.environment()
    const { accountId: adderAccount, deviceId: adderDevice, signer } = self
    return adds.flatMap(({ claim, keyPackage, keys: { seat }, secret }) => {
      // Who asked has everything with the commit: its own seat, and the Welcome in the place of the GroupInfo.
      if (secret === undefined) return []
      const secrets = own.welcome?.secrets.find(({ ref }) => equal(ref, keyPackage.ref))?.encrypted ?? new Uint8Array()
      const introduction = { groupId: state.groupId, seat, secret, secrets, adderAccount, adderDevice }
      const { accountId, deviceId } = claim
      return [{ ...routeOf(claim), accountId, deviceId, seat, sealed: sealIntroduction(env, keyPackage, { introduction, signer }) }]
    })
  }
}

/** Leaves of devices that are claimed again because nobody took their seats. */
function replacedBy(
  claims: readonly ClaimedDevice[],
  leaves: readonly IdentifiedMember[],
  { seats, nowMs }: { readonly seats: readonly KeptSeat[]; readonly nowMs: number },
): readonly IdentifiedMember[] {
  const free = new Set(seats.filter((seat) => isUnattached(seat, nowMs)).map(({ leafIndex }) => leafIndex))
  return leaves.filter((leaf) => free.has(leaf.leafIndex) && claims.some((claim) => isDeviceOf(leaf, claim)))
}

/** Leaves at the seats that devices asked to leave. */
function askedToGo(
  claims: readonly ClaimedDevice[],
  leaves: readonly IdentifiedMember[],
  seats: readonly KeptSeat[],
): readonly IdentifiedMember[] {
  const left = seats.filter(({ seat }) => claims.some(({ asked }) => asked && equal(asked.seat, seat)))
  return leaves.filter((leaf) => left.some(({ leafIndex }) => leafIndex === leaf.leafIndex))
}

function readmissionsProposal(adds: readonly Add[]): readonly ProposalInput[] {
  const asked = adds.flatMap(({ keyPackage, claim: { asked } }) =>
    asked ? [{ ...asked, ref: keyPackage.ref, readHash: asked.keys.readHash }] : [],
  )
  if (asked.length === 0) return []
  return [{ type: "private_use", proposalType: readmissionsType, data: encodeReadmissions(asked) }]
}

function isDeviceOf(leaf: IdentifiedMember, claim: ClaimedDevice): boolean {
  return equal(leaf.accountId, claim.accountId) && equal(leaf.deviceId, claim.deviceId)
}

function seatsProposal(adds: readonly Add[]): readonly ProposalInput[] {
  if (adds.length === 0) return []
  const data = encodeAddedSeats(adds.map(({ keyPackage, keys }) => ({ ref: keyPackage.ref, seat: keys.seat, publicKey: keys.publicKey })))
  return [{ type: "private_use", proposalType: seatsType, data }]
}

/** What newcomers are told. A commit that breaks the rules of seats is refused when it is checked. */
function groupInfoSeats(seats: readonly KeptSeat[], staged: StagedCommit): ReturnType<typeof groupSeatsExtension>[] {
  const after = judgeSeats(seats, staged)
  return after.status === "allowed" ? [groupSeatsExtension(after.seats)] : []
}

/** The secret that this device takes its seat over with: one for all attempts. Undefined once the seat has its key. */
function takenOver({ state, seats, ownSeat }: SeatedGroup, { crypto }: Environment, signer: Signer): Uint8Array | undefined {
  if (seats.find(({ leafIndex }) => leafIndex === state.ownLeafIndex)?.own !== false) return undefined
  return ownSeat.nextSecret ?? ownSeatSecret(crypto, signer, { groupId: state.groupId, seat: ownSeat.seat })
}

/** The secret of the key that the group knows the seat by. */
function secretInTree({ state, seats, ownSeat }: SeatedGroup, crypto: Parameters<typeof seatOf>[0]): Uint8Array {
  const known = seats.find(({ leafIndex }) => leafIndex === state.ownLeafIndex)
  const { secret, nextSecret } = ownSeat
  return nextSecret && known && equal(seatOf(crypto, nextSecret).publicKey, known.publicKey) ? nextSecret : secret
}

function routeOf(claim: ClaimedDevice): { readonly address: Uint8Array } | { readonly viaGroup: Uint8Array } {
  return claim.address === undefined ? { viaGroup: claim.viaGroup } : { address: claim.address }
}

function wantedPolicy(intent: Intent, policy: Policy): Policy {
  switch (intent.type) {
    case "rename":
      return { ...policy, name: intent.name }
    case "rules":
      return { ...policy, rules: intent.rules }
    case "history": {
      const { history: _before, ...others } = policy
      return intent.history ? { ...others, history: intent.history } : others
    }
    case "role":
      return withRole(policy, intent.account, intent.role)
    case "add":
    case "remove":
    case "revoke":
    case "rejoin":
    case "renew":
    case "proposals":
      return policy
  }
}

function same(a: Policy, b: Policy): boolean {
  return equal(encodePolicy(a), encodePolicy(b))
}

function identifyBoth(pair: { readonly before: Parameters<typeof identify>[0]; readonly after: Parameters<typeof identify>[0] }): {
  before: IdentifiedMember
  after: IdentifiedMember
} {
  return { before: identify(pair.before), after: identify(pair.after) }
}
