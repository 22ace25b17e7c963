// `nodoor-server canary …`: a draft goes from hand to hand, each signs it where their key is, and whoever has it last publishes it.

import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fromUtf8 } from "@nodoor/bytes"
import { dataDirPaths } from "../data-dir.ts"
import type { Clock } from "../ports.ts"
import { ServerError } from "../server-error.ts"
import { openInProcessStore } from "../store/sqlite/in-process.ts"
import { canaryMaxBytes, formatCanary, isSignedByEnough, newCanary, parseCanary, signCanary } from "./canary.ts"
import { writeWhole } from "./document.ts"
import { readOperatorKey } from "./operator-key.ts"

export const canaryUsage = `nodoor-server canary draft FILE K PUBLIC...   a new one, which K of these public keys must sign
nodoor-server canary sign FILE KEYFILE        read it, then sign it
nodoor-server canary publish FILE             serve it at /canary.json`

export interface CanaryPorts {
  readonly dataDir: string
  readonly clock: Clock
  readonly say: (text: string) => void
}

export function canaryPath(dataDir: string): string {
  return join(dataDir, "desk", "canary.json")
}

/** The published one; undefined if there is none. */
export function publishedCanary(dataDir: string): Uint8Array | undefined {
  return existsSync(canaryPath(dataDir)) ? new Uint8Array(readFileSync(canaryPath(dataDir))) : undefined
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
      // Read again as others will, so that a key that is none is found now.
      const draft = formatCanary(newCanary({ origin: await originOf(dataDir), nowMs: clock.nowMs(), threshold: Number(threshold), keys }))
      parseCanary(draft)
      return writeWhole(path, draft)
    }
    case "sign": {
      const [keyPath, ...more] = rest
      if (keyPath === undefined || more.length > 0) throw new ServerError("usage", `canary sign: a file and a key\n\n${canaryUsage}`)
      const canary = signCanary(readCanary(path), readOperatorKey(keyPath))
      writeWhole(path, formatCanary(canary))
      return say(
        [...canary.statements, `${canary.signatures.length} of ${canary.threshold} have signed; until ${canary.expires}`].join("\n"),
      )
    }
    case "publish": {
      const canary = readCanary(path)
      if (rest.length > 0) throw new ServerError("usage", `canary publish: one file\n\n${canaryUsage}`)
      if (!isSignedByEnough(canary))
        throw new ServerError("desk_refused", `${canary.signatures.length} have signed, and ${canary.threshold} must.`)
      if (canary.origin !== (await originOf(dataDir))) throw new ServerError("desk_refused", "The canary is another server's.")
      if (Date.parse(canary.expires) < clock.nowMs()) throw new ServerError("desk_refused", "The canary has expired.")
      mkdirSync(join(dataDir, "desk"), { recursive: true, mode: 0o700 })
      writeWhole(canaryPath(dataDir), formatCanary(canary))
      return say(`published until ${canary.expires}`)
    }
    default:
      throw new ServerError("usage", `canary: ${verb ?? ""} is none of its verbs\n\n${canaryUsage}`)
  }
}

function readCanary(path: string): ReturnType<typeof parseCanary> {
  try {
    return parseCanary(new Uint8Array(readFileSync(path)).subarray(0, canaryMaxBytes + 1))
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
