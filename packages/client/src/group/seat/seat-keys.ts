// The keys of a seat, all from one secret (docs/protocol.md, "Seats").

import type { CryptoProvider } from "@nodoor/mls"
import { type SeatKeys, seatKeySeed, seatReadSecret } from "@nodoor/wire/delivery"
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

/** A seat as the delivery service gets to know it. */
export function seatKeysOf(crypto: SeatCrypto, { seat, secret }: { readonly seat: Uint8Array; readonly secret: Uint8Array }): SeatKeys {
  const { publicKey, readHash } = seatOf(crypto, secret)
  return { seat, publicKey, readHash }
}
