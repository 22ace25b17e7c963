// `nodoor-server canary …`: a draft goes from person to person. Each signs it where their key is, and the last one publishes it.

import { existsSync, readFileSync } from "node:fs"
import { fromUtf8 } from "@nodoor/bytes"
import { type Canary, type CanaryChange, type VerifiedCanary, canaryContentChanges, canaryMaxBytes, formatCanary } from "@nodoor/keylog"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { loadConfig } from "../config/config.ts"
import { ServerError } from "../core/server-error.ts"
import { writeWhole } from "../core/write-whole.ts"
import { newCanary, readDraft, signCanary } from "../desk/canary/canary.ts"
import { publishCanary, readPublished } from "../desk/canary/published-canary.ts"
import { readOperatorKey } from "../desk/people/operator-key.ts"
import { dataDirPaths } from "../sqlite/data-dir.ts"
import { openInProcessStore } from "../accounts/store/sqlite/in-process.ts"
import type { ServerContext } from "./context.ts"
import { fileArgument, text } from "./parameters.ts"

type Plain = Record<never, never>

const draft: Command<ServerContext> = buildCommand<Plain, string[], ServerContext>({
  docs: {
    brief: "Write a new canary for people to sign",
    fullDescription:
      "Give the file to write, how many people must sign, and the public keys of everybody who may. " +
      "The draft repeats the statements of the published canary. Edit them before anybody signs.",
  },
  parameters: {
    positional: {
      kind: "array",
      minimum: 3,
      parameter: { brief: "File, number of signatures, public keys", parse: text, placeholder: "file number key" },
    },
  },
  async func(_flags, path = "", threshold = "", ...keys) {
    const { dataDir } = loadConfig(this.env)
    if (!/^[1-9]\d?$/.test(threshold))
      throw new ServerError("usage", `${JSON.stringify(threshold)} is not a number of signatures. Use: canary draft FILE NUMBER KEY...`)
    if (existsSync(path)) throw new ServerError("desk_refused", `${path} already exists. Choose another file.`)
    const [origin, published] = [await originOf(dataDir), readPublished(dataDir)]
    const made = newCanary({ origin, nowMs: this.clock.nowMs(), threshold: Number(threshold), keys, published })
    writeWhole(path, formatCanary(made))
    this.say(asText(made, published))
  },
})

const sign: Command<ServerContext> = buildCommand<Plain, [string, string], ServerContext>({
  docs: { brief: "Sign a draft with your key; read it first" },
  parameters: { positional: { kind: "tuple", parameters: [fileArgument("Draft"), fileArgument("Your key file", "key file")] } },
  func(_flags, path, keyPath) {
    const signed = signCanary(readCanary(path), readOperatorKey(keyPath))
    writeWhole(path, formatCanary(signed))
    this.say(asText(signed, undefined))
  },
})

const publish: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: { brief: "Publish a signed canary at /canary.json" },
  parameters: { positional: { kind: "tuple", parameters: [fileArgument("Signed draft")] } },
  async func(_flags, path) {
    const { dataDir } = loadConfig(this.env)
    const signed = readCanary(path)
    const changes = publishCanary(signed, { dataDir, nowMs: this.clock.nowMs(), origin: await originOf(dataDir) })
    this.say([`published until ${signed.expires}`, ...changes.map((change) => `every client will show: ${changeText(change)}`)].join("\n"))
  },
})

export const canary: RouteMap<ServerContext> = buildRouteMap({
  docs: { brief: "Draft, sign or publish the monthly canary" },
  routes: { draft, sign, publish },
})

function asText(canary: Canary, published: VerifiedCanary | undefined): string {
  const changes = published === undefined ? [] : canaryContentChanges(published, canary)
  return [
    ...canary.statements,
    ...changes.map((change) => `changed since the published one: ${changeText(change)}`),
    canary.previous === null ? "the first canary" : `follows ${canary.previous}`,
    `${canary.signatures.length} of ${canary.threshold} signatures, valid until ${canary.expires}`,
  ].join("\n")
}

function changeText(change: CanaryChange): string {
  switch (change.kind) {
    case "statement_gone":
      return `removed: ${change.was}`
    case "statement_reworded":
      return `reworded: "${change.was}" is now "${change.now}"`
    case "statement_added":
      return `added: ${change.now}`
    case "keys":
      return "different keys sign it"
    case "threshold":
      return `${change.now} people must sign it; before, ${change.was} had to`
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
    throw new ServerError("desk_refused", `${path} can't be read. Check the path and its permissions.`, { cause: error })
  }
}

async function originOf(dataDir: string): Promise<string> {
  const { databasePath } = dataDirPaths(dataDir)
  if (!existsSync(databasePath))
    throw new ServerError("desk_refused", "The server has not been started yet. Start it once, then draft the canary.")
  const store = openInProcessStore(databasePath)
  try {
    const noted = await store.notedSetting({ name: "origin" })
    if (noted === undefined)
      throw new ServerError("desk_refused", "The server has not been started yet. Start it once, then draft the canary.")
    return fromUtf8(noted)
  } finally {
    await store.close()
  }
}
