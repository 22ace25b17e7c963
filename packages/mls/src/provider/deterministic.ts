import type { KeyObject } from "node:crypto"
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js"
import type { CryptoProvider, Random } from "./provider.ts"
import { nodePrimitives } from "./node.ts"
import type { Primitives } from "./primitives.ts"
import { makeProvider } from "./suite.ts"

/**
 * For simulations and tests that must replay byte for byte: node:crypto, except that ML-KEM encapsulation takes its 32 bytes
 * from `random` like everything else (FIPS 203 §6.2). Not for use with real peers: that encapsulation is JavaScript.
 */
export function deterministicProvider(random: Random): CryptoProvider {
  return makeProvider(deterministicPrimitives, random)
}

const { importPrivate, publicBytes, decapsulate } = nodePrimitives.mlKem768

export const deterministicPrimitives: Primitives<KeyObject, KeyObject, Uint8Array, KeyObject> = {
  ...nodePrimitives,
  mlKem768: {
    importPrivate,
    publicBytes,
    decapsulate,
    importPublic: (key) => key,
    encapsulate(key, random) {
      const { sharedSecret, cipherText } = ml_kem768.encapsulate(key, random(32))
      return { sharedSecret, ciphertext: cipherText }
    },
  },
}
