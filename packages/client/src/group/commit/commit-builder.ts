// Builds this device's commits: turns an intent into one request, and checks it against the rules that apply to everybody's commits.

import { equal, toHex } from "@nodoor/bytes"
import { type GroupState, MlsError, type OwnCommit, type ProposalInput, applyCommit, commit, extensions, members } from "@nodoor/mls"
import type { AddedMailbox, CommitRequest } from "@nodoor/wire"
import { type CommitTrust, judgeCommit } from "./commit-judgement.ts"
import { ClientError } from "../../core/client-error.ts"
import { signedCommit } from "../signed-request.ts"
import type { GroupStates } from "../group-states.ts"
import type { Intent } from "../../store/group/intent.ts"
import { leavesAfterCommit, policyAfterRemovals } from "../policy/policy-check.ts"
import { type Policy, encodePolicy, policyOf, withPolicy, withRole } from "../../core/policy.ts"
import { type ClaimTrust, type ClaimedDevice, type RefusedDevice, checkClaims, heldError } from "./claimed-devices.ts"
import { groupTexts } from "../../texts/en.ts"
import { type MustGoTrust, mustGo } from "../membership/must-go.ts"
import { type IdentifiedMember, identify } from "../../trust/trust.ts"
import type { OwnDevice } from "../../core/own-device.ts"

export interface BuiltCommit {
  readonly request: CommitRequest
  readonly own: OwnCommit
  /** Claimed devices that were left out, and why. */
  readonly refused: readonly RefusedDevice[]
}

export interface CommitBuilderParts {
  readonly own: Pick<OwnDevice, "origin" | "accountId" | "deviceId" | "signer">
  readonly states: Pick<GroupStates, "environment">
  readonly trust: CommitTrust & MustGoTrust & ClaimTrust
}

export class CommitBuilder {
  readonly #parts: CommitBuilderParts

  constructor(parts: CommitBuilderParts) {
    this.#parts = parts
  }

  /**
   * Returns undefined when there is nothing left to do. `forcePath` adds new keys of this device.
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
      // Invalid proposals of others must not block this commit. RFC 9420 §12.4 lets them lapse with the epoch.
      return await this.#build(state, intent, claims, { byReference: false, forcePath })
    }
  }

  async #build(
    state: GroupState,
    intent: Intent,
    claims: readonly ClaimedDevice[],
    { byReference, forcePath }: { readonly byReference: boolean; readonly forcePath: boolean },
  ): Promise<BuiltCommit | undefined> {
    const env = this.#parts.states.environment()
    const leaves = members(state).map(identify)
    const policy = policyOf(extensions(state))
    const { adds, refused } = await checkClaims(this.#parts, leaves, claims)
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
      return commit(env, state, { proposals: [...proposals, ...context], signer: this.#parts.own.signer, byReference, forcePath })
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
    await this.#check(state, own)
    return { own, request: this.#request(state, own, adds), refused }
  }

  async #removed(intent: Intent, leaves: readonly IdentifiedMember[], kind: Policy["kind"]): Promise<readonly IdentifiedMember[]> {
    if (intent.type !== "remove" && intent.type !== "revoke" && intent.type !== "add") return []
    // Newcomers refuse a group with a leaf that its account does not list, so a commit that adds them removes it.
    const asked = intent.type === "add" ? leaves : leaves.filter((leaf) => equal(leaf.accountId, intent.account))
    if (intent.type === "remove") return asked
    const out = await Promise.all(asked.map((leaf) => mustGo(this.#parts.trust, this.#parts.own, { leaf, kind })))
    return asked.filter((_, at) => out[at])
  }

  async #check(state: GroupState, own: OwnCommit): Promise<void> {
    // The accounts that are added were looked up before, and the others are in the group already.
    const present = new Set(members(state).map((member) => toHex(identify(member).accountId)))
    const { timeMs } = this.#parts.states.environment()
    const verdict = await judgeCommit(this.#parts.trust, state, own.staged, { looks: { asked: present, final: present }, timeMs })
    if (verdict.status === "refused") throw new ClientError("not_allowed", groupTexts.forbidden(verdict.code))
    if (verdict.status === "held") throw heldError(verdict.untilMs, { nowMs: timeMs, verifiedCounts: true })
    if (verdict.status === "lookup") throw new ClientError("identity_untrusted", groupTexts.unverified)
  }

  #request(state: GroupState, own: OwnCommit, adds: readonly { readonly claim: ClaimedDevice }[]): CommitRequest {
    const env = this.#parts.states.environment()
    const secrets = own.welcome?.secrets ?? []
    const added: AddedMailbox[] = adds.map(({ claim }, i) => ({
      mailbox: claim.deviceId,
      token: claim.token,
      secret: secrets[i]?.encrypted ?? new Uint8Array(),
    }))
    return signedCommit(env, state, {
      commit: own.message,
      ...(own.welcome && { groupInfo: own.welcome.encryptedGroupInfo }),
      adds: added,
      removes: own.staged.removed.map((leaf) => identify(leaf).deviceId),
      next: applyCommit(env, state, own.staged).state,
    })
  }
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
