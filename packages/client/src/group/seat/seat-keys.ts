// The keys of a seat, all from one secret (docs/protocol.md, "Seats").

import type { CryptoProvider, Signer } from "@nodoor/mls"
import { type SeatKeys, seatKeySeed, seatReadSecret, seatSecretBytes } from "@nodoor/wire/delivery"
import { concat, toUtf8 } from "@nodoor/bytes"
import { productSuite } from "../../core/suite.ts"

/** What the holder of a seat's secret has. */
export interface SeatSecrets {
  /** Ed25519: signs commits, and the next re-keying. */
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
  /** Shown to the delivery service to read at the seat, which knows its hash. */
  readonly readSecret: Uint8Array
  readonly readHash: Uint8Array
}

type SeatCrypto = Pick<CryptoProvider, "suite" | "sha256">

export function seatOf(crypto: SeatCrypto, secret: Uint8Array): SeatSecrets {
  const pair = crypto.suite(productSuite).signatureKeyPair(() => seatKeySeed(crypto.sha256, secret))
  const readSecret = seatReadSecret(crypto.sha256, secret)
  return { publicKey: pair.publicKey, privateKey: pair.privateKey, readSecret, readHash: crypto.sha256(readSecret) }
}

/**
 * The secret with which a device makes a seat its own: HKDF(its signature key, "nodoor/own-seat/v1", group_id ‖ seat). Nobody else can make it,
 * and a copy of the device's store that is older makes the same one.
 */
export function ownSeatSecret(
  crypto: SeatCrypto,
  { privateKey }: Pick<Signer, "privateKey">,
  { groupId, seat }: { readonly groupId: Uint8Array; readonly seat: Uint8Array },
): Uint8Array {
  const suite = crypto.suite(productSuite)
  return suite.expand(suite.extract(toUtf8("nodoor/own-seat/v1"), privateKey), concat(groupId, seat), seatSecretBytes)
}

/** A seat as the delivery service gets to know it. */
export function seatKeysOf(crypto: SeatCrypto, { seat, secret }: { readonly seat: Uint8Array; readonly secret: Uint8Array }): SeatKeys {
  const { publicKey, readHash } = seatOf(crypto, secret)
  return { seat, publicKey, readHash }
}
