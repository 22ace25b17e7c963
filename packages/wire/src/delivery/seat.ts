// A seat is a place in a group's log: one device reads there, and signs commits there. The server knows a seat by a random id and by public
// values; nothing leads from it to a device or an account.

import { type TlsReader, type TlsWriter, concat, toUtf8 } from "@nodoor/bytes"
import { hashBytes, limits, publicKeyBytes } from "../limits.ts"

type Sha256 = (data: Uint8Array) => Uint8Array

/** Random ids of seats, bytes. */
export const seatBytes = 16
/** What a seat's keys are derived from, bytes. */
export const seatSecretBytes = 32

/** A seat as the delivery service gets to know it. */
export interface SeatKeys {
  /** 16 random bytes. */
  readonly seat: Uint8Array
  /** Ed25519, 32 bytes: signs commits and the next re-keying. */
  readonly publicKey: Uint8Array
  /** SHA-256 of the read secret, 32 bytes. */
  readonly readHash: Uint8Array
}

export function writeSeatKeys(writer: TlsWriter, { seat, publicKey, readHash }: SeatKeys): void {
  writer.raw(seat).raw(publicKey).raw(readHash)
}

export function readSeatKeys(reader: TlsReader): SeatKeys {
  return { seat: reader.raw(seatBytes), publicKey: reader.raw(publicKeyBytes), readHash: reader.raw(hashBytes) }
}

export function readSeatList(reader: TlsReader): SeatKeys[] {
  return reader.list(readSeatKeys, limits.devicesPerGroup)
}

export function readSeatIds(reader: TlsReader): Uint8Array[] {
  return reader.list((inner) => inner.raw(seatBytes), limits.devicesPerGroup)
}

const label = (text: string): Uint8Array => toUtf8(`${text}\0`)

/** Ed25519 seed of the seat's key, 32 bytes: SHA-256("nodoor/seat-key/v1" ‖ 0x00 ‖ secret). */
export function seatKeySeed(sha256: Sha256, secret: Uint8Array): Uint8Array {
  return sha256(concat(label("nodoor/seat-key/v1"), secret))
}

/** What is shown to read at the seat, 32 bytes: SHA-256("nodoor/seat-read/v1" ‖ 0x00 ‖ secret). */
export function seatReadSecret(sha256: Sha256, secret: Uint8Array): Uint8Array {
  return sha256(concat(label("nodoor/seat-read/v1"), secret))
}

/** SHA-256 over the seats of an epoch in ascending order, 32 bytes: members compare it with their tree. */
export function fanoutOf(sha256: Sha256, seats: readonly Uint8Array[]): Uint8Array {
  return sha256(concat(...seats.toSorted(compareBytes)))
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < seatBytes; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
