// Seats inside MLS: the proposal that gives added leaves their seats, the extension by which a leaf has a key of its own, and the list that a
// joiner gets (docs/protocol.md, "Seats").

import { CodecError, type TlsReader, TlsWriter, decodeTls, encodeTls } from "@nodoor/bytes"
import type { Extension } from "@nodoor/mls"
import { hashBytes, limits, publicKeyBytes } from "@nodoor/wire"
import { seatBytes } from "@nodoor/wire/delivery"
import { policyExtensionType } from "../../core/policy.ts"
import { predecessorExtensionType } from "../../store/group/predecessor.ts"
import type { Seat } from "../../store/group/seats.ts"

/** Type of the proposal and of the GroupInfo extension (RFC 9420 §17.3, §17.4: private use). */
export const seatsType = 0xf0d1
/** Type of the leaf node extension. */
export const seatExtensionType = 0xf0d2
/** Type of the proposal that says whose wish it was that a leaf is replaced. */
export const readmissionsType = 0xf0d4

/** What every leaf of ours lists in its capabilities. */
export const applicationTypes: { readonly extensionTypes: readonly number[]; readonly proposalTypes: readonly number[] } = {
  extensionTypes: [policyExtensionType, seatExtensionType, predecessorExtensionType],
  proposalTypes: [seatsType, readmissionsType],
}

/** The seat of one added leaf, named by the reference of its KeyPackage. */
export interface AddedSeat {
  readonly ref: Uint8Array
  readonly seat: Uint8Array
  readonly publicKey: Uint8Array
}

/** Body of the proposal: one entry for each Add of its commit, in their order. */
export function encodeAddedSeats(added: readonly AddedSeat[]): Uint8Array {
  const writer = new TlsWriter()
  for (const { ref, seat, publicKey } of added) writer.vector(ref).raw(seat).raw(publicKey)
  return writer.finish()
}

/** @throws CodecError */
export function decodeAddedSeats(data: Uint8Array): readonly AddedSeat[] {
  return decodeTls(data, (reader) => {
    const added: AddedSeat[] = []
    while (reader.remainingBytes > 0) {
      if (added.length === limits.devicesPerGroup) throw new CodecError("oversized", "seats of a commit")
      added.push({ ref: reader.vector(hashBytes), seat: reader.raw(seatBytes), publicKey: reader.raw(publicKeyBytes) })
    }
    return added
  })
}

/** A seat with the key that its own device drew. */
export type LeafSeat = Pick<Seat, "seat" | "publicKey">

export function leafSeatExtension({ seat, publicKey }: LeafSeat): Extension {
  return { type: seatExtensionType, data: encodeTls((w) => w.raw(seat).raw(publicKey)) }
}

/** The seat that a leaf says it has a key of its own for; undefined while its adder's holds. @throws CodecError */
export function leafSeatOf(extensions: readonly Extension[]): LeafSeat | undefined {
  const found = extensions.find(({ type }) => type === seatExtensionType)
  return found && decodeTls(found.data, (reader) => ({ seat: reader.raw(seatBytes), publicKey: reader.raw(publicKeyBytes) }))
}

/** For the GroupInfo: every leaf of the group with its seat, ascending. */
export function groupSeatsExtension(seats: readonly Seat[]): Extension {
  const ascending = seats.toSorted((a, b) => a.leafIndex - b.leafIndex)
  return { type: seatsType, data: new TlsWriter().list(ascending, writeSeat).finish() }
}

/** @throws CodecError also when there is none */
export function groupSeatsOf(extensions: readonly Extension[]): readonly Seat[] {
  const found = extensions.find(({ type }) => type === seatsType)
  if (!found) throw new CodecError("invalid_value", "a GroupInfo without seats")
  return decodeTls(found.data, (reader) => reader.list(readSeat, limits.devicesPerGroup))
}

function writeSeat(writer: TlsWriter, { leafIndex, seat, publicKey, own }: Seat): void {
  writer
    .u32(leafIndex)
    .raw(seat)
    .raw(publicKey)
    .u8(own ? 1 : 0)
}

function readSeat(reader: TlsReader): Seat {
  const entry = { leafIndex: reader.u32(), seat: reader.raw(seatBytes), publicKey: reader.raw(publicKeyBytes) }
  const own = reader.u8()
  if (own > 1) throw new CodecError("invalid_value", "whose key a seat has")
  return { ...entry, own: own === 1 }
}
