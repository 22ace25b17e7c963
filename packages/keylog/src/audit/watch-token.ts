// What an owner gives an auditor so that it raises an alarm when a version appears that should not: a few outputs of the VRF, from
// which nobody learns whose account they belong to.

import { CodecError, TlsReader, decodeTls, encodeTls } from "@nodoor/bytes"
import { watchSet } from "../search/binary-ladder.ts"
import { vrfInput } from "../map/commitment.ts"
import { parse, rule } from "../core/keylog-error.ts"
import type { LogPin } from "../checkpoint/head.ts"
import { maxLadderSteps } from "../search/search.ts"
import { verifyVrf, vrfProofBytes } from "../map/vrf.ts"

/** `struct { opaque proofs<0..2^16-1>[80]; } WatchSetResponse`, in the order of `watchSet`. */
export function encodeWatchSet(proofs: readonly Uint8Array[]): Uint8Array {
  return encodeTls((w) => {
    w.prefixed(
      2,
      encodeTls((inner) => {
        for (const proof of proofs) inner.raw(proof)
      }),
    )
  })
}

/** @throws CodecError */
export function decodeWatchSet(encoded: Uint8Array): Uint8Array[] {
  return decodeTls(encoded, (r) => {
    const inner = new TlsReader(r.prefixed(2, maxLadderSteps * vrfProofBytes))
    const proofs: Uint8Array[] = []
    while (inner.remainingBytes > 0) proofs.push(inner.raw(vrfProofBytes).slice())
    if (proofs.length === 0) throw new CodecError("invalid_value", "empty watch set")
    return proofs
  })
}

/**
 * The indices that must stay absent while `greatest` is the label's greatest version; 32 bytes each. Give them to an auditor.
 * @throws KeylogError `malformed`, `ladder`, `vrf_malformed`, `vrf_proof`
 */
export function verifyWatchSet(input: {
  readonly pin: LogPin
  readonly label: Uint8Array
  readonly greatest: number | undefined
  readonly response: Uint8Array
}): Uint8Array[] {
  const proofs = parse("watch set", () => decodeWatchSet(input.response))
  const versions = watchSet(input.greatest)
  rule(proofs.length === versions.length, "ladder", "one proof per version watched") // L1
  return versions.map((version, i) => {
    const alpha = vrfInput(input.label, version)
    return verifyVrf({ publicKey: input.pin.vrfKey, alpha, proof: proofs[i] as Uint8Array }).slice(0, 32)
  })
}
