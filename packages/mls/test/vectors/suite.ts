// Cipher suites of vector entries.

import { isKnownSuite } from "../../src/codec/capabilities.ts"
import type { CryptoProvider, SuiteCrypto } from "../../src/provider/provider.ts"
import { type Entry, expect, number } from "@nodoor/bytes/vectors"

/** Whether an entry is of a suite that this engine has, or of none. */
export function hasKnownSuite(entry: Entry): boolean {
  const suite = entry["cipher_suite"]
  return suite === undefined || suite === null || (typeof suite === "number" && isKnownSuite(suite))
}

export function suiteOf(entry: Entry, crypto: CryptoProvider): SuiteCrypto {
  const suite = number(entry, "cipher_suite")
  expect(isKnownSuite(suite), "cipher suite")
  return crypto.suite(suite)
}
