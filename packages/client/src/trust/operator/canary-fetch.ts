// Fetching the server's canary, and those that were published since the one that is known: each names the hash of the one before.

import {
  type CanaryChange,
  KeylogError,
  type LogCrypto,
  type VerifiedCanary,
  canaryMaxBytes,
  canaryOrderChange,
  verifyCanary,
} from "@nodoor/keylog"

/** Canaries between the known one and the present one that are fetched: three years of monthly ones. */
const betweenMax = 36

/** What the server shows. `base`: hash of the known one. `between`: those published since it, oldest first. */
export type FoundCanary =
  | { readonly kind: "absent" }
  | { readonly kind: "invalid"; readonly code: string }
  | {
      readonly kind: "canary"
      readonly file: Uint8Array
      readonly canary: VerifiedCanary
      readonly base: string | undefined
      readonly between: readonly VerifiedCanary[]
      readonly order: CanaryChange | undefined
    }

export interface CanarySource {
  readonly crypto: LogCrypto
  readonly session: { file(path: string, maxBytes: number): Promise<Uint8Array | undefined> }
}

/** `known`: the newest canary that this device has. @throws NetworkError when the server does not answer: then nothing is known */
export async function fetchCanary(source: CanarySource, known: Uint8Array | undefined): Promise<FoundCanary> {
  const file = await source.session.file("/canary.json", canaryMaxBytes)
  if (file === undefined) return { kind: "absent" }
  try {
    const canary = verifyCanary(source.crypto, file)
    const base = known && verifyCanary(source.crypto, known)
    const found = { kind: "canary" as const, file, canary, base: base?.hash }
    const order = base && canaryOrderChange(base, canary)
    if (base === undefined || order?.kind !== "not_following") return { ...found, between: [], order }
    const between = await fetchBetween(source, base, canary)
    return between === undefined ? { ...found, between: [], order } : { ...found, between, order: undefined }
  } catch (error) {
    if (error instanceof KeylogError) return { kind: "invalid", code: error.code }
    throw error
  }
}

/** The canaries between two; undefined if the hashes do not lead from one to the other. @throws NetworkError */
async function fetchBetween(
  { session, crypto }: CanarySource,
  older: VerifiedCanary,
  newer: VerifiedCanary,
): Promise<readonly VerifiedCanary[] | undefined> {
  const chain: VerifiedCanary[] = []
  let after = newer
  while (chain.length < betweenMax && after.previous !== null) {
    const hash = after.previous
    const file = await session.file(`/canary/${hash}.json`, canaryMaxBytes)
    if (file === undefined) return undefined
    let before: VerifiedCanary
    try {
      before = verifyCanary(crypto, file)
    } catch (error) {
      if (error instanceof KeylogError) return undefined
      throw error
    }
    if (before.hash !== hash || canaryOrderChange(before, after) !== undefined) return undefined
    chain.unshift(before)
    if (before.previous === older.hash) return canaryOrderChange(older, before) === undefined ? chain : undefined
    after = before
  }
  return undefined
}
