// The official vector formats of the MLS working group that this engine can check, recognised by what an entry holds.

import type { CryptoProvider } from "../../src/provider/provider.ts"
import { cryptoBasics, keySchedule, pskSecrets, secretTrees, transcriptHashes } from "./cryptography.ts"
import { deserialization, messageProtection, messages, welcomes } from "./messages.ts"
import { passiveClient } from "./passive-client.ts"
import { hasKnownSuite } from "./suite.ts"
import { treeKem, treeMath, treeOperations, treeValidation } from "./trees.ts"
import { type Json, isEntry } from "@nodoor/bytes/vectors"
import type { VectorFormat } from "./vector.ts"

export const formats: readonly VectorFormat[] = [
  cryptoBasics,
  deserialization,
  keySchedule,
  messageProtection,
  messages,
  passiveClient,
  pskSecrets,
  secretTrees,
  transcriptHashes,
  treeKem,
  treeMath,
  treeOperations,
  treeValidation,
  welcomes,
]

export type VectorResult =
  | { readonly outcome: "passed"; readonly format: string }
  | { readonly outcome: "failed"; readonly format: string; readonly reason: string }
  | { readonly outcome: "skipped"; readonly reason: string }

/** Checks one entry of a vector file. An entry of an unknown form or of another cipher suite is skipped. */
export function runMlsVector(entry: Json, crypto: CryptoProvider): VectorResult {
  if (!isEntry(entry)) return { outcome: "skipped", reason: "not an object" }
  const format = formats.find(({ keys }) => keys.every((key) => key in entry))
  if (format === undefined) return { outcome: "skipped", reason: "unknown format" }
  if (!hasKnownSuite(entry)) return { outcome: "skipped", reason: "another cipher suite" }
  try {
    format.run(entry, crypto)
    return { outcome: "passed", format: format.name }
  } catch (error) {
    return { outcome: "failed", format: format.name, reason: error instanceof Error ? error.message : "unknown" }
  }
}

export { type Entry, type Json, parseJson } from "@nodoor/bytes/vectors"
export type { VectorFormat } from "./vector.ts"
