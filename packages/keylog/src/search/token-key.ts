// The keys that sign anonymous tokens are in the map like accounts and handles: one label for each three days, one version of it and no other,
// so that nobody can be given a key of their own, by which their tokens would be known again.

import { TlsReader, encodeTls, equal } from "@nodoor/bytes"
import { rule } from "../core/keylog-error.ts"
import { maxLabelVersion } from "./binary-ladder.ts"

const tokenKeyLabelByte = 0x03
/** SHA-256 of the SubjectPublicKeyInfo. */
const keyIdBytes = 32

/** 0x03 ‖ u32(epoch): of the key of these three days, counted from 1970. */
export function tokenKeyLabel(epoch: number): Uint8Array {
  return encodeTls((w) => w.u8(tokenKeyLabelByte).u32(epoch))
}

/** The epoch of a key's label; undefined for the label of something else. */
export function tokenKeyEpochOf(label: Uint8Array): number | undefined {
  if (label[0] !== tokenKeyLabelByte || label.length !== 5) return undefined
  const epoch = new TlsReader(label.subarray(1)).u32()
  return epoch > maxLabelVersion ? undefined : epoch
}

/** Whether what the map holds of such a label is one key. @throws KeylogError `token_key_versions`, `token_key_malformed` */
export function checkTokenKey({ version, value }: { readonly version: number; readonly value: Uint8Array }): void {
  rule(version === 0, "token_key_versions", "a second key for the same days") // P1
  rule(value.length === keyIdBytes, "token_key_malformed", "no hash of a key") // P2
}

/**
 * Whether the key that a server gave is the one of the log.
 * @throws KeylogError `token_key_differs`, also when the log holds none
 */
export function verifyTokenKey({ logged, given }: { readonly logged: Uint8Array | undefined; readonly given: Uint8Array }): void {
  rule(logged !== undefined && equal(logged, given), "token_key_differs", "another key than everybody's") // P3
}
