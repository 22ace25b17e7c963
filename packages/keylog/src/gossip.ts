// What every encrypted payload carries of its sender's head, so that two people shown two logs find out (docs/transparency.md, "Gossip").

import { CodecError, decodeTls, encodeTls, equal, toUtf8 } from "@nodoor/bytes"
import type { LogCrypto } from "./crypto.ts"
import { type HeadState, readSize } from "./head.ts"
import { parse, rule } from "./keylog-error.ts"
import { type TreeHead, verifyConsistency } from "./tree-hash.ts"

/** 48 bytes on the wire. */
export interface GossipHead extends TreeHead {
  /** First 8 bytes of SHA-256(origin). */
  readonly originHash: Uint8Array
}

export const gossipHeadBytes = 48

export function gossipHead(crypto: LogCrypto, head: HeadState): GossipHead {
  return { originHash: originHash(crypto, head.origin), size: head.size, root: head.root }
}

/** `struct { opaque origin_hash[8]; uint64 size; opaque root[32]; }` */
export function encodeGossipHead(head: GossipHead): Uint8Array {
  return encodeTls((w) => {
    w.raw(head.originHash).u64(BigInt(head.size)).raw(head.root)
  })
}

/** @throws CodecError */
export function decodeGossipHead(encoded: Uint8Array): GossipHead {
  if (encoded.length > gossipHeadBytes) throw new CodecError("oversized", "gossip head")
  return decodeTls(encoded, (r) => ({ originHash: r.raw(8).slice(), size: readSize(r), root: r.raw(32).slice() }))
}

/** What to do about a head that a peer believes. */
export type GossipAdvice =
  | "same" // nothing: the peer sees what I see
  | "prove ancestor" // ask for a proof from its size to mine, then `verifyGossip`
  | "advance" // ask for a head of at least its size; not obtainable within 1 h: warn
  | "other log" // the peer's server is another one

/**
 * Compares a received head with mine.
 * @throws KeylogError `malformed`, `tree_fork` for another root of my size
 */
export function judgeGossip(crypto: LogCrypto, input: { readonly mine: HeadState; readonly received: Uint8Array }): GossipAdvice {
  const received = parse("gossip head", () => decodeGossipHead(input.received))
  if (!equal(received.originHash, originHash(crypto, input.mine.origin))) return "other log"
  if (received.size > input.mine.size) return "advance"
  if (received.size < input.mine.size) return "prove ancestor"
  rule(equal(received.root, input.mine.root), "tree_fork", "a peer was shown another log") // T3
  return "same"
}

/**
 * Whether the received head, of at most my size, is an ancestor of mine.
 * @throws KeylogError `malformed`, `wrong_origin`, `tree_smaller`, `tree_fork`, `tree_consistency`
 */
export function verifyGossip(
  crypto: LogCrypto,
  input: { readonly mine: HeadState; readonly received: Uint8Array; readonly consistency: readonly Uint8Array[] },
): void {
  const received = parse("gossip head", () => decodeGossipHead(input.received))
  rule(equal(received.originHash, originHash(crypto, input.mine.origin)), "wrong_origin", "gossip of another log") // A1
  verifyConsistency(crypto, { older: received, newer: input.mine, proof: input.consistency })
}

function originHash(crypto: LogCrypto, origin: string): Uint8Array {
  return new Uint8Array(crypto.sha256(toUtf8(origin))).slice(0, 8)
}
