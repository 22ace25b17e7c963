// The published canary as files of the data directory: the current one, and earlier ones by their hash.

import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  type Canary,
  type CanaryChange,
  type VerifiedCanary,
  canaryContentChanges,
  canaryEndMs,
  formatCanary,
  isSignedByEnough,
} from "@nodoor/keylog"
import { ServerError } from "../../core/server-error.ts"
import { writeWhole } from "../../core/write-whole.ts"
import { parseSignedCanary, requireFollowing } from "./canary.ts"

/** The published file, or an earlier one by its SHA-256 in hexadecimal; undefined if there is none. */
export function publishedCanary(dataDir: string, hash?: string): Uint8Array | undefined {
  const path = hash === undefined ? canaryPath(dataDir) : earlierPath(dataDir, hash)
  return path !== undefined && existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined
}

/**
 * Publishes a signed canary; answers what clients will show as changed. The one before stays readable by its hash, so that a client that
 * was away can check that none was left out.
 * @throws ServerError `desk_refused`
 */
export function publishCanary(
  draft: Canary,
  { dataDir, nowMs, origin }: { readonly dataDir: string; readonly nowMs: number; readonly origin: string },
): readonly CanaryChange[] {
  const signed = draft.signatures.length
  if (!isSignedByEnough(draft))
    throw new ServerError(
      "desk_refused",
      `The canary needs ${draft.threshold} signatures and has ${signed}. Get it signed by more of the people it names.`,
    )
  const file = formatCanary(draft)
  const canary = parseSignedCanary(file)
  if (canary.origin !== origin) throw new ServerError("desk_refused", `The canary is for ${canary.origin}, and this server is ${origin}.`)
  if (canaryEndMs(canary) <= nowMs) throw new ServerError("desk_refused", "The canary has expired. Draft a new one.")
  const published = readPublished(dataDir)
  requireFollowing(published, canary)
  mkdirSync(join(dataDir, "desk", "canaries"), { recursive: true, mode: 0o700 })
  writeWhole(earlierPath(dataDir, canary.hash) as string, file)
  writeWhole(canaryPath(dataDir), file)
  return published === undefined ? [] : canaryContentChanges(published, canary)
}

/** @throws ServerError `desk_refused` if the published file cannot be read, because no new canary could follow it */
export function readPublished(dataDir: string): VerifiedCanary | undefined {
  const file = publishedCanary(dataDir)
  try {
    return file && parseSignedCanary(file)
  } catch (error) {
    const message = `The published canary, ${canaryPath(dataDir)}, cannot be read. Restore it from a backup. Without it, clients cannot check that no canary was left out.`
    throw new ServerError("desk_refused", message, { cause: error })
  }
}

function canaryPath(dataDir: string): string {
  return join(dataDir, "desk", "canary.json")
}

function earlierPath(dataDir: string, hash: string): string | undefined {
  return /^[0-9a-f]{64}$/.test(hash) ? join(dataDir, "desk", "canaries", `${hash}.json`) : undefined
}
