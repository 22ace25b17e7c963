// The part of a commit that committer and receivers share, RFC 9420 §12.4.1 and §12.4.2: from a validated list of proposals and a
// path to the next epoch.

import { toUtf8 } from "@nodoor/bytes"
import type { Environment, PskLookup } from "../api/api.ts"
import { empty } from "../codec/cryptographic-objects.ts"
import { type GroupContext, groupContext } from "../codec/group-context.ts"
import { type Group, withOwnResumption } from "./group-state.ts"
import { type NewEpoch, epochFromJoiner, joinerSecret, zeros } from "../secrets/key-schedule.ts"
import { MlsError, check } from "../codec/mls-error.ts"
import type { AppliedProposals } from "./proposal-application.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import { lookUpPskSecret } from "../secrets/psk.ts"
import type { RatchetTree } from "../tree/ratchet-tree.ts"
import { type CommitTranscript, confirmationTag, confirmedTranscriptHash, interimTranscriptHash } from "../secrets/transcript.ts"
import { type PathKeys, prunedKeys } from "../tree/tree-kem.ts"
import { leafNode } from "../tree/tree-math.ts"

/** Everything of the next epoch but its messages. */
export interface EpochChange {
  readonly tree: RatchetTree
  readonly context: GroupContext
  readonly privateKeys: ReadonlyMap<number, Uint8Array>
  readonly joiner: Uint8Array
  readonly epoch: NewEpoch
  readonly confirmationTag: Uint8Array
  readonly interimTranscriptHash: Uint8Array
}

/** The provisional GroupContext: the new tree and extensions under the old transcript. */
export function provisionalContext(group: Group, treeHash: Uint8Array, applied: AppliedProposals): GroupContext {
  check(group.epoch < 0xffffffffffffffffn, "wrong_epoch", "there is no next epoch")
  return groupContext({
    suite: group.suite,
    groupId: group.groupId,
    epoch: group.epoch + 1n,
    treeHash,
    confirmedTranscriptHash: group.context.confirmedTranscriptHash,
    extensions: applied.extensions,
  })
}

/** PSK secret of a list, RFC 9420 §8.4. @throws MlsError `psk_unknown` */
export function committedPskSecret(suite: SuiteCrypto, group: Group, applied: AppliedProposals, lookup: PskLookup | undefined): Uint8Array {
  return lookUpPskSecret(suite, applied.psks, withOwnResumption(group, lookup))
}

/** Label of the exported init secret, RFC 9420 §8.3. */
export const externalInitLabel: Uint8Array = toUtf8("MLS 1.0 external init secret")

/** init_secret of the next epoch: the old epoch's, or the one an external commit brings (RFC 9420 §8.3). @throws MlsError `external_init` */
export function initSecretOf(env: Environment, group: Group, applied: AppliedProposals): Uint8Array {
  if (applied.kemOutput === undefined) return group.secrets.init
  const suite = env.crypto.suite(group.suite)
  const { privateKey } = suite.deriveKeyPair(group.secrets.external)
  const secret = suite.hpkeExportFrom(privateKey, applied.kemOutput, empty, externalInitLabel, suite.hashBytes)
  if (secret === undefined) throw new MlsError("external_init", "the KEM output of an ExternalInit does not open")
  return secret
}

export interface Conclusion {
  readonly tree: RatchetTree
  readonly provisional: GroupContext
  readonly applied: AppliedProposals
  readonly path: PathKeys | undefined
  readonly initSecret: Uint8Array
  readonly pskSecret: Uint8Array
  readonly transcript: CommitTranscript
}

/** Transcript, key schedule and private keys of the next epoch. */
export function concludeCommit(suite: SuiteCrypto, group: Group, input: Conclusion): EpochChange {
  const confirmed = confirmedTranscriptHash(suite, group.interimTranscriptHash, input.transcript)
  const context = groupContext({ ...input.provisional, confirmedTranscriptHash: confirmed })
  const joiner = joinerSecret(suite, input.initSecret, input.path?.commitSecret ?? zeros(suite), context)
  const epoch = epochFromJoiner(suite, joiner, input.pskSecret, context)
  const tag = confirmationTag(suite, epoch.confirmation, confirmed)
  const privateKeys = prunedKeys(group.tree, input.tree, group.privateKeys)
  if (input.applied.ownLeafKey !== undefined) privateKeys.set(leafNode(group.ownLeafIndex), input.applied.ownLeafKey)
  for (const [node, key] of input.path?.keys ?? []) privateKeys.set(node, key)
  return {
    tree: input.tree,
    context,
    privateKeys,
    joiner,
    epoch,
    confirmationTag: tag,
    interimTranscriptHash: interimTranscriptHash(suite, confirmed, tag),
  }
}
