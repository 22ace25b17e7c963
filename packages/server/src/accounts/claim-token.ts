// Claim tokens: prove that a registered device asked for a mailbox and was within its rate, without saying which device asked.
// A token is a MAC, so that nothing is stored until it is used, and nothing ever links the asker with the group.

import { TlsReader, concat, equal, toUtf8 } from "@nodoor/bytes"
import { WireError, hashBytes, idBytes, limits } from "@nodoor/wire"
import { serverCrypto, sha256 } from "../core/crypto.ts"
import type { Clock, Random } from "../core/ports.ts"
import type { SpentClaim } from "../store/store.ts"

export interface ClaimTokens {
  /** A token for adding this mailbox to one group within 24 h: expiry u64 ‖ nonce[16] ‖ HMAC-SHA256, 56 bytes. */
  issue(mailbox: Uint8Array): Uint8Array
  /** What to store so that the token is not used again. @throws WireError `claim_invalid` */
  check(mailbox: Uint8Array, token: Uint8Array): SpentClaim
}

const tokenBytes = 8 + idBytes + hashBytes

/** `key`: 32 random bytes that stay the same as long as tokens are to be valid. */
export function createClaimTokens(key: Uint8Array, ports: { readonly clock: Clock; readonly random: Random }): ClaimTokens {
  const mac = (mailbox: Uint8Array, front: Uint8Array): Uint8Array =>
    serverCrypto.hmacSha256(key, concat(toUtf8("nodoor/claim/v1\0"), mailbox, front))
  return {
    issue: (mailbox) => {
      const front = new Uint8Array(8 + idBytes)
      new DataView(front.buffer).setBigUint64(0, BigInt(ports.clock.nowMs() + limits.claimTokenMs))
      front.set(ports.random(idBytes), 8)
      return concat(front, mac(mailbox, front))
    },
    check: (mailbox, token) => {
      if (token.length !== tokenBytes) throw new WireError("claim_invalid")
      const front = token.subarray(0, 8 + idBytes)
      if (!equal(mac(mailbox, front), token.subarray(8 + idBytes))) throw new WireError("claim_invalid")
      const expiresAtMs = Number(new TlsReader(front).u64())
      if (expiresAtMs <= ports.clock.nowMs()) throw new WireError("claim_invalid", "the claim token is older than a day")
      return { tokenHash: sha256(token), expiresAtMs }
    },
  }
}
