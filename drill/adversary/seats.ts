// Seats as a member with changed code makes them (docs/protocol.md, "Groups"): what it tells the other members, newcomers and the server.

import { type TlsReader, TlsWriter, decodeTls, encodeTls } from "@nodoor/bytes"
import type { Extension, KeyPackageRef, ProposalInput } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { type SeatKeys, seatBytes, seatKeySeed, seatReadSecret, seatSecretBytes } from "@nodoor/wire/delivery"

/** The proposal of a commit that adds, and the list in the GroupInfo. */
export const seatsType = 0xf0d1
/** The leaf's own seat key. */
export const seatType = 0xf0d2
export const predecessorType = 0xf0d3
/** Of the proposal that replaces a leaf at the wish of its device. */
export const readmissionsType = 0xf0d4
const maxSeats = 4_096

/** A seat with the secret that its keys come from. */
export interface OwnSeat {
  readonly seat: Uint8Array
  readonly secret: Uint8Array
}
/** A seat as the group's members know it. `own`: its device has put a key of its own there. */
export interface HeldSeat {
  readonly seat: Uint8Array
  readonly publicKey: Uint8Array
  readonly own: boolean
}
/** By leaf. */
export type HeldSeats = ReadonlyMap<number, HeldSeat>

export function newSeat(seat: Uint8Array = nodeProvider.random(seatBytes)): OwnSeat {
  return { seat, secret: nodeProvider.random(seatSecretBytes) }
}

export interface SeatPrivateKeys extends SeatKeys {
  readonly privateKey: Uint8Array
  readonly readSecret: Uint8Array
}

/** Everything that follows from a seat's secret. */
export function keysOf({ seat, secret }: OwnSeat): SeatPrivateKeys {
  const seed = seatKeySeed(nodeProvider.sha256, secret)
  const readSecret = seatReadSecret(nodeProvider.sha256, secret)
  const { publicKey, privateKey } = nodeProvider.suite(0x004f).signatureKeyPair(() => seed)
  return { seat, publicKey, privateKey, readSecret, readHash: nodeProvider.sha256(readSecret) }
}

/** One entry for each Add, in the order of the Adds. */
export function seatsProposal(
  entries: readonly { readonly ref: KeyPackageRef; readonly seat: Uint8Array; readonly publicKey: Uint8Array }[],
): ProposalInput {
  // The proposal's body is one vector, which the engine puts around it.
  const data = encodeTls((w) => {
    for (const { ref, seat, publicKey } of entries) w.vector(ref).raw(seat).raw(publicKey)
  })
  return { type: "private_use", proposalType: seatsType, data }
}

/** The seats and keys that a commit gives those it adds, in their order. */
export function seatsOfProposal(data: Uint8Array): { readonly seat: Uint8Array; readonly publicKey: Uint8Array }[] {
  const entry = (r: TlsReader) => {
    r.vector(64)
    return { seat: r.raw(seatBytes), publicKey: r.raw(32) }
  }
  return decodeTls(data, (r) => {
    const seats: { readonly seat: Uint8Array; readonly publicKey: Uint8Array }[] = []
    while (r.remainingBytes > 0) seats.push(entry(r))
    return seats
  })
}

export function leafExtension(own: OwnSeat): Extension {
  const { seat, publicKey } = keysOf(own)
  return { type: seatType, data: new TlsWriter().raw(seat).raw(publicKey).finish() }
}

/** The seat in a leaf's extension; undefined if the leaf has none. */
export function seatInLeaf(extensions: readonly Extension[]): { readonly seat: Uint8Array; readonly publicKey: Uint8Array } | undefined {
  const found = extensions.find(({ type }) => type === seatType)
  return found && { seat: found.data.slice(0, seatBytes), publicKey: found.data.slice(seatBytes) }
}

/** Of all leaves, for those who join. */
export function groupInfoExtension(seats: HeldSeats): Extension {
  const entries = [...seats].toSorted(([a], [b]) => a - b)
  const data = encodeTls((w) =>
    w.list(entries, (inner, [leaf, { seat, publicKey, own }]) =>
      inner
        .u32(leaf)
        .raw(seat)
        .raw(publicKey)
        .u8(own ? 1 : 0),
    ),
  )
  return { type: seatsType, data }
}

/** What a GroupInfo's extension says of all leaves. */
export function seatsOfGroupInfo(extensions: readonly Extension[]): HeldSeats {
  const data = extensions.find(({ type }) => type === seatsType)?.data ?? new Uint8Array([0])
  const entry = (r: TlsReader): readonly [number, HeldSeat] => [
    r.u32(),
    { seat: r.raw(seatBytes), publicKey: r.raw(32), own: r.u8() === 1 },
  ]
  return new Map(decodeTls(data, (r) => r.list(entry, maxSeats)))
}
