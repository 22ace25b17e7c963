// The proposal by which a commit says that a leaf is replaced because its device asked for it (docs/protocol.md, "Healing"). With what the device signed in
// it, every member may make such a commit, and every member can check it.

import { CodecError, TlsWriter, decodeTls, equal } from "@nodoor/bytes"
import { type CryptoProvider, type GroupState, type StagedCommit } from "@nodoor/mls"
import { hashBytes, limits, signatureBytes } from "@nodoor/wire"
import { seatBytes } from "@nodoor/wire/delivery"
import type { Seat } from "../../store/group/seats.ts"
import { identify } from "../../trust/trust.ts"
import { type AddedSeat, decodeAddedSeats, readmissionsType, seatsType } from "../seat/seat-list.ts"
import { isReadmissionSigned } from "./rejoin-request.ts"

export interface SignedReadmission {
  /** KeyPackageRef of the new leaf. */
  readonly ref: Uint8Array
  /** Of the leaf that is replaced. */
  readonly seat: Uint8Array
  readonly epoch: number
  readonly readHash: Uint8Array
  readonly signature: Uint8Array
}

/** Indices of leaves: the old one in the tree before the commit, the new one in the tree after it. */
export interface Readmission {
  readonly removed: number
  readonly added: number
}

export function encodeReadmissions(readmissions: readonly SignedReadmission[]): Uint8Array {
  const writer = new TlsWriter()
  for (const { ref, seat, epoch, readHash, signature } of readmissions)
    writer.vector(ref).raw(seat).u64(BigInt(epoch)).raw(readHash).raw(signature)
  return writer.finish()
}

/** @throws CodecError */
export function decodeReadmissions(data: Uint8Array): readonly SignedReadmission[] {
  return decodeTls(data, (r) => {
    const list: SignedReadmission[] = []
    while (r.remainingBytes > 0) {
      if (list.length === limits.devicesPerGroup) throw new CodecError("oversized", "readmissions of a commit")
      const [ref, seat, epoch] = [r.vector(hashBytes), r.raw(seatBytes), r.u64()]
      if (epoch > BigInt(Number.MAX_SAFE_INTEGER)) throw new CodecError("oversized", "epoch of a readmission")
      list.push({ ref, seat, epoch: Number(epoch), readHash: r.raw(hashBytes), signature: r.raw(signatureBytes) })
    }
    return list
  })
}

type CommitOfReadmissions = Pick<StagedCommit, "added" | "addedRefs" | "removed" | "privateUse">

/** The leaves that a commit replaces at their devices' wish; undefined when it claims a wish that there is not. @throws CodecError */
export function readmissionsOf(
  crypto: Pick<CryptoProvider, "verifyEd25519">,
  { state, seats }: { readonly state: GroupState; readonly seats: readonly Seat[] },
  staged: CommitOfReadmissions,
): readonly Readmission[] | undefined {
  const proposals = staged.privateUse.filter(({ type }) => type === readmissionsType)
  if (proposals.length === 0) return []
  const [proposal] = proposals
  if (!proposal || proposals.length > 1) return undefined
  const added = staged.privateUse.filter(({ type }) => type === seatsType).flatMap(({ data }) => decodeAddedSeats(data))
  const all = decodeReadmissions(proposal.data).map((signed) => readmissionOf(crypto, { state, seats }, { staged, signed, added }))
  const found = all.flatMap((each) => each ?? [])
  const isWhole = found.length === all.length && found.length > 0
  const once =
    new Set(found.map(({ removed }) => removed)).size === found.length && new Set(found.map((each) => each.added)).size === found.length
  return isWhole && once ? found : undefined
}

/** As `readmissionsOf`; none where the commit is wrong. */
export function readmissionsIn(...input: Parameters<typeof readmissionsOf>): readonly Readmission[] {
  try {
    return readmissionsOf(...input) ?? []
  } catch (error) {
    if (error instanceof CodecError) return []
    throw error
  }
}

function readmissionOf(
  crypto: Pick<CryptoProvider, "verifyEd25519">,
  { state, seats }: { readonly state: GroupState; readonly seats: readonly Seat[] },
  {
    staged,
    signed,
    added,
  }: { readonly staged: CommitOfReadmissions; readonly signed: SignedReadmission; readonly added: readonly AddedSeat[] },
): Readmission | undefined {
  const { ref, seat, epoch, readHash, signature } = signed
  const old = seats.find((each) => equal(each.seat, seat))
  const removed = staged.removed.find(({ leafIndex }) => leafIndex === old?.leafIndex)
  const leaf = staged.added[staged.addedRefs.findIndex((each) => equal(each, ref))]
  const given = added.find((each) => equal(each.ref, ref))
  if (!removed || !leaf || !given || BigInt(epoch) > state.epoch) return undefined
  if (!equal(identify(removed).accountId, identify(leaf).accountId)) return undefined
  const keys = { seat: given.seat, publicKey: given.publicKey, readHash }
  const statement = { groupId: state.groupId, seat, epoch, ref, keys }
  if (!isReadmissionSigned(crypto, statement, { publicKey: leaf.signatureKey, signature })) return undefined
  return { removed: removed.leafIndex, added: leaf.leafIndex }
}
