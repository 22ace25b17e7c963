// nodoor kt watch: an owner's monitor. It reads every delta of the log, as anybody does, and so tells the server nothing about
// whom it watches for.

import { type HeadState, TreeFrontier, decodeHeadState, encodeHeadState } from "@nodoor/keylog"
import { type Command, buildCommand } from "@stricli/core"
import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { CliError } from "../cli-error.ts"
import { json, seconds, text } from "../command/flags.ts"
import type { CliContext, OpenNetwork } from "../context.ts"
import { jsonLine } from "../terminal.ts"
import { headFacts } from "./checkpoint.ts"
import { crypto } from "./crypto.ts"
import { type ScanPosition, scanDeltas, scanStart } from "./delta-scan.ts"
import { addressArgument } from "./flags.ts"
import { logFiles } from "./log-files.ts"
import { replaceFile } from "./replaced-file.ts"
import { checkLog } from "./log-pin.ts"
import { StaticLog } from "./static-log.ts"
import { type WatchToken, formatWatchToken, readWatchToken } from "./watch-tokens.ts"

interface Flags {
  readonly token: string
  readonly dir: string
  readonly every?: number
  readonly json: boolean
}

export const watch: Command<CliContext> = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Watch a log for changes to an account",
    fullDescription:
      "Reads everything the log has published since the last run. Exits with 4 if somebody added a version of the token's account or handle. After you change your own devices, make a new token. With --every it keeps looking until that happens.",
  },
  parameters: {
    flags: {
      token: { kind: "parsed", parse: text, brief: "Token file from `kt lookup --watch-token`", placeholder: "file" },
      dir: { kind: "parsed", parse: text, brief: "Folder for what has been read; use one per token", placeholder: "folder" },
      every: { kind: "parsed", parse: seconds, brief: "Look again after this many seconds", optional: true, placeholder: "seconds" },
      json,
    },
    positional: { kind: "tuple", parameters: [addressArgument] },
  },
  async func(flags, address) {
    const token = await readWatchToken(flags.token)
    for (;;) {
      const head = await watchOnce(address, { token, folder: flags.dir, network: this.network })
      await this.terminal.print(
        flags.json
          ? jsonLine(head)
          : `nothing found up to size ${head.size}, ${head.tier === "solo" ? "not independently witnessed" : "witnessed"}`,
      )
      if (flags.every === undefined) return
      await setTimeout(flags.every * 1000)
    }
  },
})

/** Reads on from where the folder stands. @throws CliError `watched_index` when a place was filled; and as reading and checking */
export async function watchOnce(
  address: string,
  { token, folder, network }: { readonly token: WatchToken; readonly folder: string; readonly network: OpenNetwork },
): Promise<ReturnType<typeof headFacts>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, "watch.state")
  const before = await readState(path, token)
  const log = new StaticLog(logFiles(address, network))
  const { head } = await checkLog(log, { expectedPin: token.pin, stored: before?.head, nowMs: Date.now() })
  const watched = new Set(token.indices.map((index) => Buffer.from(index).toString("hex")))
  const { findings, position } = await scanDeltas(log, { from: before?.position ?? scanStart(), head: head.head, watched })
  const [first] = findings
  if (first !== undefined) {
    throw new CliError(
      "watched_index",
      `Somebody added a version of the watched account or handle (entry ${first.index} of ${head.head.origin}).`,
      {
        next: "if you just changed your devices, make a new token; if not, somebody else did: tell your contacts by phone or in person",
      },
    )
  }
  await writeState(path, token, head.head, position)
  return headFacts(head.head, head.statement)
}

/** `position` is left out when the token is another than last time: its places may have been filled before. */
async function readState(
  path: string,
  token: WatchToken,
): Promise<{ readonly head: HeadState; readonly position: ScanPosition | undefined } | undefined> {
  const content = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw damaged(path, error)
  })
  if (content === undefined) return undefined
  const [format, pin, tokenHash, epoch, frontier = "", head = ""] = content.split("\n")
  if (format !== "kt-watch-state/v1") throw damaged(path)
  if (pin !== token.pin) throw new CliError("usage", "This folder belongs to another log.", { next: "use another --dir" })
  try {
    const position = { frontier: TreeFrontier.decode(crypto, Buffer.from(frontier, "base64")), epoch: Number(epoch) }
    return { head: decodeHeadState(Buffer.from(head, "base64")), position: tokenHash === hashOf(token) ? position : undefined }
  } catch (error) {
    throw damaged(path, error)
  }
}

async function writeState(path: string, token: WatchToken, head: HeadState, { frontier, epoch }: ScanPosition): Promise<void> {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")
  const lines = ["kt-watch-state/v1", token.pin, hashOf(token), String(epoch), base64(frontier.encode()), base64(encodeHeadState(head)), ""]
  await replaceFile(path, lines.join("\n"))
}

function hashOf(token: WatchToken): string {
  return Buffer.from(crypto.sha256(Buffer.from(formatWatchToken(token)))).toString("hex")
}

function damaged(path: string, cause?: unknown): CliError {
  return new CliError("state_damaged", `${path} was not written by this program, or is damaged.`, {
    next: "move it away to start over",
    cause,
  })
}
