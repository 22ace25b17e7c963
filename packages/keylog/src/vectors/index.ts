// Test vectors of key transparency, recognised by what a file holds: our own and those that others computed.

import type { LogCrypto } from "../core/crypto.ts"
import { prefixRoots, sumdb, vrfLabels } from "./independent.ts"
import { own } from "./own.ts"
import { type Json, isEntry } from "@nodoor/bytes/vectors"
import type { VectorFormat } from "./vector.ts"

export const formats: readonly VectorFormat[] = [own, sumdb, prefixRoots, vrfLabels]

export interface VectorCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** One line for each check that failed. */
  readonly failures: readonly string[]
}

/** Checks a parsed vector file: a list of entries, or one. Every proof in it counts; an entry of an unknown form is skipped. */
export function runVectorFile(content: Json, fileName: string, crypto: LogCrypto): VectorCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  const fail = (what: string, error: unknown): void => {
    counts.failed++
    failures.push(`${fileName}: ${what}: ${error instanceof Error ? error.message : "failed"}`)
  }
  for (const entry of Array.isArray(content) ? (content as readonly Json[]) : [content]) {
    const format = isEntry(entry) ? formats.find((one) => one.recognises(entry)) : undefined
    if (!format || !isEntry(entry)) {
      counts.skipped++
      continue
    }
    try {
      for (const { name, run } of format.checks(entry, crypto)) {
        try {
          run()
          counts.passed++
        } catch (error) {
          fail(name, error)
        }
      }
    } catch (error) {
      fail(format.name, error)
    }
  }
  return { ...counts, failures }
}

export type VectorResult =
  | { readonly outcome: "passed"; readonly format: string }
  | { readonly outcome: "failed"; readonly format: string; readonly reason: string }
  | { readonly outcome: "skipped"; readonly reason: string }

/** One entry as one result: passed if all its checks hold. */
export function runKeylogVector(entry: Json, crypto: LogCrypto): VectorResult {
  const format = isEntry(entry) ? formats.find((one) => one.recognises(entry)) : undefined
  if (!format) return { outcome: "skipped", reason: "unknown format" }
  const { failed, failures } = runVectorFile([entry], format.name, crypto)
  if (failed === 0) return { outcome: "passed", format: format.name }
  return { outcome: "failed", format: format.name, reason: failures[0] as string }
}

export { computeOwn } from "./own.ts"
export { type Entry, type Json, VectorFailure } from "@nodoor/bytes/vectors"
