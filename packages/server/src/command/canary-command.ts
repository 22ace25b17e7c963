// `nodoor-server canary …`: a draft goes from hand to hand, each signs it where their key is, and whoever has it last publishes it.

import { existsSync, readFileSync } from "node:fs"
import { fromUtf8 } from "@nodoor/bytes"
import { type Canary, type CanaryChange, type VerifiedCanary, canaryContentChanges, canaryMaxBytes, formatCanary } from "@nodoor/keylog"
import { dataDirPaths } from "../sqlite/data-dir.ts"
import type { Clock } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import { openInProcessStore } from "../store/sqlite/in-process.ts"
import { newCanary, readDraft, signCanary } from "../desk/canary/canary.ts"
import { publishCanary, readPublished } from "../desk/canary/published-canary.ts"
import { writeWhole } from "../core/write-whole.ts"
import { readOperatorKey } from "../desk/people/operator-key.ts"

export const canaryUsage = `nodoor-server canary draft FILE K PUBLIC...   a new one, which K of these public keys must sign
nodoor-server canary sign FILE KEYFILE        read it, then sign it
nodoor-server canary publish FILE             serve it at /canary.json`

export interface CanaryPorts {
  readonly dataDir: string
  readonly clock: Clock
  readonly say: (text: string) => void
}

/** @throws ServerError `usage`, `desk_refused`, `operator_unknown` */
export async function runCanaryCommand(words: readonly string[], { dataDir, clock, say }: CanaryPorts): Promise<void> {
  const [verb, path, ...rest] = words
  if (path === undefined) throw new ServerError("usage", `canary: say what to do\n\n${canaryUsage}`)
  switch (verb) {
    case "draft": {
      const [threshold = "", ...keys] = rest
      if (!/^[1-9]\d?$/.test(threshold) || keys.length === 0)
        throw new ServerError("usage", `canary draft: how many of which keys\n\n${canaryUsage}`)
      if (existsSync(path)) throw new ServerError("desk_refused", `${path} is there already.`)
      const [origin, published] = [await originOf(dataDir), readPublished(dataDir)]
      const draft = newCanary({ origin, nowMs: clock.nowMs(), threshold: Number(threshold), keys, published })
      writeWhole(path, formatCanary(draft))
      return say(asText(draft, published))
    }
    case "sign": {
      const [keyPath, ...more] = rest
      if (keyPath === undefined || more.length > 0) throw new ServerError("usage", `canary sign: a file and a key\n\n${canaryUsage}`)
      const canary = signCanary(readCanary(path), readOperatorKey(keyPath))
      writeWhole(path, formatCanary(canary))
      return say(asText(canary, undefined))
    }
    case "publish": {
      if (rest.length > 0) throw new ServerError("usage", `canary publish: one file\n\n${canaryUsage}`)
      const canary = readCanary(path)
      const changes = publishCanary(canary, { dataDir, nowMs: clock.nowMs(), origin: await originOf(dataDir) })
      return say(
        [`published until ${canary.expires}`, ...changes.map((change) => `every client will show: ${changeText(change)}`)].join("\n"),
      )
    }
    default:
      throw new ServerError("usage", `canary: ${verb ?? ""} is none of its verbs\n\n${canaryUsage}`)
  }
}

function asText(canary: Canary, published: VerifiedCanary | undefined): string {
  const changes = published === undefined ? [] : canaryContentChanges(published, canary)
  return [
    ...canary.statements,
    ...changes.map((change) => `other than the published one: ${changeText(change)}`),
    `follows ${canary.previous ?? "none: it is the first"}`,
    `${canary.signatures.length} of ${canary.threshold} have signed; until ${canary.expires}`,
  ].join("\n")
}

function changeText(change: CanaryChange): string {
  switch (change.kind) {
    case "statement_gone":
      return `no longer said: ${change.was}`
    case "statement_reworded":
      return `was: ${change.was} - is: ${change.now}`
    case "statement_added":
      return `new: ${change.now}`
    case "keys":
      return "other keys sign it"
    case "threshold":
      return `${change.now} must sign it, not ${change.was}`
    case "origin":
    case "older":
    case "not_following":
      return `${change.kind}: ${change.was}, ${change.now}`
  }
}

function readCanary(path: string): Canary {
  try {
    return readDraft(new Uint8Array(readFileSync(path)).subarray(0, canaryMaxBytes + 1))
  } catch (error) {
    if (error instanceof ServerError) throw error
    throw new ServerError("desk_refused", `${path} cannot be read.`, { cause: error })
  }
}

async function originOf(dataDir: string): Promise<string> {
  const { databasePath } = dataDirPaths(dataDir)
  if (!existsSync(databasePath)) throw new ServerError("desk_refused", "The server has not been started yet.")
  const store = openInProcessStore(databasePath)
  try {
    const noted = await store.notedSetting({ name: "origin" })
    if (noted === undefined) throw new ServerError("desk_refused", "The server has not been started yet.")
    return fromUtf8(noted)
  } finally {
    await store.close()
  }
}
