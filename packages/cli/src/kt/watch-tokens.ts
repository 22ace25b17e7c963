// What an owner gives to whoever watches for them: places in the map that must stay empty. Nobody can tell from it whose they are.

import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { CliError } from "../cli-error.ts"
import { readNamedFile } from "./log-files.ts"

export interface WatchToken {
  /** Pin of the log, 64 hexadecimal digits. */
  readonly pin: string
  /** 32 bytes each. */
  readonly indices: readonly Uint8Array[]
}

/** Two labels of 64 steps each, and room for a household. */
const maxIndices = 1024
const maxTokenBytes = 128 * 1024
/** People that one auditor watches for. */
const maxTokens = 1000

export function formatWatchToken({ pin, indices }: WatchToken): string {
  return ["kt-watch/v1", `pin ${pin}`, ...indices.map((index) => `index ${Buffer.from(index).toString("hex")}`), ""].join("\n")
}

/** @throws CliError `usage` for anything but the one spelling of a token */
export function parseWatchToken(content: string): WatchToken {
  const lines = content.split("\n")
  const pin = /^pin ([0-9a-f]{64})$/.exec(lines[1] ?? "")?.[1]
  const indices = lines.slice(2, -1).map((line) => /^index ([0-9a-f]{64})$/.exec(line)?.[1])
  const whole = indices.length > 0 && indices.length <= maxIndices && indices.every((index) => index !== undefined)
  if (lines[0] !== "kt-watch/v1" || pin === undefined || !whole || lines.at(-1) !== "") {
    throw new CliError("usage", "This is not a watch token.", { next: "nodoor kt lookup URL @HANDLE --watch-token FILE" })
  }
  return { pin, indices: indices.map((index) => new Uint8Array(Buffer.from(index as string, "hex"))) }
}

/** @throws CliError `usage` */
export async function readWatchToken(path: string): Promise<WatchToken> {
  return parseWatchToken(Buffer.from(await readNamedFile(path, maxTokenBytes)).toString("utf8"))
}

/** Every token of a folder that is meant for this log, by file name. @throws CliError `usage` for a folder or a token that cannot be read */
export async function readWatchTokens(folder: string, pin: string): Promise<ReadonlyMap<string, WatchToken>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new CliError("usage", `The folder ${folder} cannot be read.`, { cause: error })
  })
  const tokens = new Map<string, WatchToken>()
  for (const name of names.filter((one) => !one.startsWith(".")).toSorted()) {
    if (tokens.size === maxTokens) throw new CliError("usage", `There are more than ${maxTokens} watch tokens.`)
    const token = await readWatchToken(join(folder, name))
    if (token.pin === pin) tokens.set(name, token)
  }
  return tokens
}
