// Our own commits: from what a person wants to the one request that makes it so, checked against the same rules as everybody else's.

import { CodecError, equal, toHex } from "@nodoor/bytes"
import { findDevice } from "@nodoor/keylog"
import {
  type GroupState,
  MlsError,
  type OwnCommit,
  type ProposalInput,
  type VerifiedKeyPackage,
  applyCommit,
  commit,
  extensions,
  members,
  parseKeyPackage,
} from "@nodoor/mls"
import { type AddedMailbox, type Claim, type CommitRequest, commitSignatureInput } from "@nodoor/wire"
import { judgeCommit } from "./commit-judgement.ts"
import { ClientError, type ClientErrorCode } from "../../core/client-error.ts"
import { deliveryKey } from "../delivery-key.ts"
import type { GroupStates } from "../group-states.ts"
import type { Intent } from "../../store/group/intent.ts"
import { leavesAfterCommit, policyAfterRemovals } from "../policy/policy-check.ts"
import { type Policy, encodePolicy, policyOf, withPolicy, withRole } from "../../core/policy.ts"
import { mustGo } from "../membership/must-go.ts"
import { type IdentifiedMember, type Trust, identify } from "../../trust/trust.ts"
import { type Identity, decodeIdentity } from "../../core/credential.ts"
import { productSuite } from "../../core/suite.ts"
import type { OwnDevice } from "../../core/own-device.ts"

export interface BuiltCommit {
  readonly request: CommitRequest
  readonly own: OwnCommit
  /** Claimed devices that were left out, and why. */
  readonly refused: readonly RefusedDevice[]
}

export interface RefusedDevice {
  readonly claim: ClaimedDevice
  readonly code: ClientErrorCode
}

/** A claimed device with the account it is said to belong to. */
export interface ClaimedDevice extends Claim {
  readonly accountId: Uint8Array
}

interface ClaimedAdds {
  readonly adds: readonly { readonly keyPackage: VerifiedKeyPackage; readonly claim: ClaimedDevice }[]
  readonly refused: readonly RefusedDevice[]
}

/** Each try costs the other device a KeyPackage. */
const lifetimeRetryMs = 3_600_000
const lifetimeText =
  "The keys that this person's device left for new chats are not valid at the time of this device. The two clocks differ by more than a month, or that device was away for more than three. Check the time of this device, and ask them to check theirs."

export class CommitBuilder {
  readonly #states: GroupStates
  readonly #trust: Trust
  readonly #own: OwnDevice

  constructor(parts: { readonly states: GroupStates; readonly trust: Trust; readonly own: OwnDevice }) {
    this.#states = parts.states
    this.#trust = parts.trust
    this.#own = parts.own
  }

  /**
   * Undefined when there is nothing left to do. `forcePath`: new keys of this device go along.
   * @throws ClientError `not_allowed` when the policy forbids it, `identity_untrusted` when a claimed device is not its account's
   */
  async build(
    state: GroupState,
    intent: Intent,
    claims: readonly ClaimedDevice[],
    { forcePath = false }: { readonly forcePath?: boolean } = {},
  ): Promise<BuiltCommit | undefined> {
    try {
      return await this.#build(state, intent, claims, { byReference: true, forcePath })
    } catch (error) {
      const refused = error instanceof MlsError || (error instanceof ClientError && error.code === "not_allowed")
      if (!refused || intent.type === "proposals") throw error
      // What others proposed must not keep ours from being done: RFC 9420 §12.4 lets invalid proposals lapse with the epoch.
      return await this.#build(state, intent, claims, { byReference: false, forcePath })
    }
  }

  async #build(
    state: GroupState,
    intent: Intent,
    claims: readonly ClaimedDevice[],
    { byReference, forcePath }: { readonly byReference: boolean; readonly forcePath: boolean },
  ): Promise<BuiltCommit | undefined> {
    const env = this.#states.environment()
    const leaves = members(state).map(identify)
    const policy = policyOf(extensions(state))
    const { adds, refused } = await this.#adds(leaves, claims)
    const proposals: ProposalInput[] = [
      ...adds.map(({ keyPackage }) => ({ type: "add" as const, keyPackage })),
      ...(await this.#removed(intent, leaves, policy.kind)).map((leaf) => ({ type: "remove" as const, leafIndex: leaf.leafIndex })),
    ]
    const wanted = wantedPolicy(intent, policy)
    const empty = proposals.length === 0 && same(wanted, policy)
    if (empty && intent.type !== "proposals" && intent.type !== "renew") return undefined
    const make = (next: Policy): OwnCommit => {
      const context: ProposalInput[] = same(next, policy)
        ? []
        : [{ type: "group_context_extensions", extensions: withPolicy(extensions(state), next) }]
      return commit(env, state, { proposals: [...proposals, ...context], signer: this.#own.signer, byReference, forcePath })
    }
    const first = make(wanted)
    // Whom others asked to remove is known only now; roles without a leaf must go in the same commit.
    const { added, removed, updated } = first.staged
    const after = leavesAfterCommit({
      leavesBefore: leaves,
      added: added.map(identify),
      removed: removed.map(identify),
      updated: updated.map(identifyBoth),
    })
    const needed = policyAfterRemovals(wanted, after)
    const own = same(needed, wanted) ? first : make(needed)
    await this.#check(state, own)
    return { own, request: this.#request(state, own, adds), refused }
  }

  async #removed(intent: Intent, leaves: readonly IdentifiedMember[], kind: Policy["kind"]): Promise<readonly IdentifiedMember[]> {
    if (intent.type !== "remove" && intent.type !== "revoke" && intent.type !== "add") return []
    // Newcomers refuse a group with a leaf in it that its account does not list: whoever lets them in takes it out.
    const asked = intent.type === "add" ? leaves : leaves.filter((leaf) => equal(leaf.accountId, intent.account))
    if (intent.type === "remove") return asked
    const out = await Promise.all(asked.map((leaf) => mustGo(this.#trust, this.#own, { leaf, kind })))
    return asked.filter((_, at) => out[at])
  }

  async #check(state: GroupState, own: OwnCommit): Promise<void> {
    // Whoever is let in was asked for before, and everybody else has a place already.
    const present = new Set(members(state).map((member) => toHex(identify(member).accountId)))
    const { timeMs } = this.#states.environment()
    const verdict = await judgeCommit(this.#trust, state, own.staged, { looks: { asked: present, final: present }, timeMs })
    if (verdict.status === "refused") throw new ClientError("not_allowed", `The rules of this chat do not allow that (${verdict.code}).`)
    if (verdict.status === "held") throw heldError(verdict.untilMs, { nowMs: timeMs, verifiedCounts: true })
    if (verdict.status === "lookup") throw new ClientError("identity_untrusted", "An account could not be verified.")
  }

  /**
   * Devices that are not in the group yet, each checked against its account's verified state. One that fails keeps no other out.
   * @throws ClientError `identity_untrusted`, `clock_differs` when none is left because of it
   */
  async #adds(leaves: readonly IdentifiedMember[], claims: readonly ClaimedDevice[]): Promise<ClaimedAdds> {
    const adds: { keyPackage: VerifiedKeyPackage; claim: ClaimedDevice }[] = []
    const refused: RefusedDevice[] = []
    let refusal: ClientError | undefined
    for (const claim of claims) {
      if (!claim.keyPackage || leaves.some((leaf) => equal(leaf.deviceId, claim.deviceId) && equal(leaf.accountId, claim.accountId)))
        continue
      try {
        adds.push({ keyPackage: await this.#genuine(claim, claim.keyPackage), claim })
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        refused.push({ claim, code: error.code })
        refusal ??= error
      }
    }
    if (adds.length === 0 && refusal) throw refusal
    return { adds, refused }
  }

  /** @throws ClientError `identity_untrusted` */
  async #genuine(claim: ClaimedDevice, message: Uint8Array): Promise<VerifiedKeyPackage> {
    const { keyPackage, identity } = this.#parse(message)
    const account = await this.#trust.latest(claim.accountId)
    const device = account && findDevice(account.state, identity.deviceId)
    const genuine =
      keyPackage.suite === productSuite &&
      identity.origin === this.#own.origin &&
      equal(identity.accountId, claim.accountId) &&
      equal(identity.deviceId, claim.deviceId) &&
      device !== undefined &&
      equal(device.signatureKey, keyPackage.member.signatureKey) &&
      !(await this.#trust.hasEnded(claim.accountId))
    if (!genuine) throw new ClientError("identity_untrusted", "The server gave a key for a device that its account does not list.")
    return keyPackage
  }

  /** @throws ClientError `identity_untrusted` for what is no KeyPackage, `clock_differs` for one that is not valid now */
  #parse(message: Uint8Array): { readonly keyPackage: VerifiedKeyPackage; readonly identity: Identity } {
    try {
      const keyPackage = parseKeyPackage(this.#states.environment(), message)
      return { keyPackage, identity: decodeIdentity(keyPackage.member.identity) }
    } catch (error) {
      // RFC 9420 §7.3. Whose clock set the time says nothing of the server.
      if (error instanceof MlsError && error.code === "leaf_lifetime")
        throw new ClientError("clock_differs", lifetimeText, { cause: error, retryAfterMs: lifetimeRetryMs })
      if (error instanceof MlsError || error instanceof CodecError)
        throw new ClientError("identity_untrusted", "The server gave something for a device that is no key of it.", { cause: error })
      throw error
    }
  }

  #request(state: GroupState, own: OwnCommit, adds: readonly { readonly claim: ClaimedDevice }[]): CommitRequest {
    const env = this.#states.environment()
    const next = applyCommit(env, state, own.staged).state
    const secrets = own.welcome?.secrets ?? []
    const added: AddedMailbox[] = adds.map(({ claim }, i) => ({
      mailbox: claim.deviceId,
      token: claim.token,
      secret: secrets[i]?.encrypted ?? new Uint8Array(),
    }))
    const unsigned = {
      groupId: state.groupId,
      epoch: Number(state.epoch),
      commit: own.message,
      ...(own.welcome && { groupInfo: own.welcome.encryptedGroupInfo }),
      adds: added,
      removes: own.staged.removed.map((leaf) => identify(leaf).deviceId),
      nextDeliveryKey: deliveryKey(env, next).publicKey,
    }
    const message = commitSignatureInput(env.crypto.sha256, unsigned)
    return { ...unsigned, signature: env.crypto.signEd25519({ privateKey: deliveryKey(env, state).privateKey, message }) }
  }
}

/** Nothing is encrypted to devices of a hard reset before the hold is over. */
export function heldError(
  untilMs: number,
  { nowMs, verifiedCounts }: { readonly nowMs: number; readonly verifiedCounts: boolean },
): ClientError {
  if (untilMs === Number.POSITIVE_INFINITY)
    return new ClientError(
      "identity_untrusted",
      "This person, whom you had verified, started over with new keys. Nothing is sent to the new device until you compare safety numbers again, or withdraw the verification.",
    )
  const hours = Math.max(1, Math.ceil((untilMs - nowMs) / 3_600_000))
  const time = `${hours} ${hours === 1 ? "hour" : "hours"}`
  const text = verifiedCounts
    ? `Nothing is sent to the new device for ${time}, unless you compare safety numbers in person before.`
    : `The new device can be let into a group in ${time}.`
  return new ClientError("identity_untrusted", `This person started over with new keys. ${text}`)
}

function wantedPolicy(intent: Intent, policy: Policy): Policy {
  switch (intent.type) {
    case "rename":
      return { ...policy, name: intent.name }
    case "rules":
      return { ...policy, rules: intent.rules }
    case "role":
      return withRole(policy, intent.account, intent.role)
    case "add":
    case "remove":
    case "revoke":
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
