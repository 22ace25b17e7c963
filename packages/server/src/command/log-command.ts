// What an operator does to the log by hand, while the server is stopped: look, change the key that signs, end it. It takes effect with
// the next start.

import { existsSync } from "node:fs"
import { join } from "node:path"
import { equal } from "@nodoor/bytes"
import { formatLogEntry, formatVerifierKey, noteKey, noteKeyTypes, rekeyInput } from "@nodoor/keylog"
import { serverCrypto } from "../core/crypto.ts"
import type { Clock, Random } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import type { KeeperFiles } from "../keylog/keeper/keeper-thread.ts"
import type { LogKeeper } from "../keylog/keeper/log-keeper.ts"
import { addSigningKey, loadLogKeys } from "../keylog/keeper/log-keys.ts"
import { openKeeper } from "../keylog/keeper/open-keeper.ts"

export type LogCommand =
  | { readonly name: "status" }
  | { readonly name: "rekey" }
  | { readonly name: "end"; readonly successor: string | undefined }

/** Where a data directory keeps its log. */
export function logFilesIn(dataDir: string): Pick<KeeperFiles, "folder" | "databasePath"> {
  const folder = join(dataDir, "log")
  return { folder, databasePath: join(folder, "log.sqlite") }
}

/**
 * Runs one command on a data directory that the caller has taken; answers lines for the operator.
 * @throws ServerError `log_refused`, `log_keys_unreadable`
 */
export function runLogCommand(dataDir: string, command: LogCommand, ports: { readonly clock: Clock; readonly random: Random }): string {
  const files = logFilesIn(dataDir)
  if (!existsSync(files.databasePath))
    throw new ServerError("log_refused", `${files.databasePath} is not there: the log begins with the first start.`)
  switch (command.name) {
    case "status":
      return withKeeper(files, ports, statusText)
    case "rekey":
      return rekey(files, ports)
    case "end":
      return withKeeper(files, ports, (keeper) => {
        keeper.enqueue({ entry: formatLogEntry({ kind: "end", timeMs: ports.clock.nowMs(), successor: command.successor }) })
        return "The log ends with the next start. Accounts and devices that come after that are in no log: clients will not accept them."
      })
  }
}

function statusText(keeper: LogKeeper): string {
  const status = keeper.status()
  return [
    `origin     ${status.origin}`,
    `pin        ${Buffer.from(status.configHash).toString("hex")}`,
    `key        ${verifierKey(status.origin, status.logKey)}`,
    `size       ${status.size} (${status.publishedSize} published)`,
    `epoch      ${status.epoch}`,
    `keys       ${status.keyCount}`,
    `waiting    ${status.pending} entries`,
    `ended      ${status.ended ? "yes" : "no"}`,
  ].join("\n")
}

function rekey(files: Pick<KeeperFiles, "folder" | "databasePath">, ports: { readonly random: Random }): string {
  const { origin, logKey, rekeying } = withKeeper(files, ports, (keeper) => keeper.status())
  if (rekeying) throw new ServerError("log_refused", "Another key waits for the next start already.")
  const old = loadLogKeys(files.folder, { random: ports.random, create: false }).signing.find(({ publicKey }) => equal(publicKey, logKey))
  if (old === undefined) throw new ServerError("log_keys_unreadable", "The key that signs now is not among the files of the log.")
  const fresh = addSigningKey(files.folder, ports.random)
  const content = { origin, oldKey: old.publicKey, newKey: fresh.publicKey }
  const sign = (privateKey: Uint8Array): Uint8Array => serverCrypto.signEd25519({ privateKey, message: rekeyInput(content) })
  const entry = formatLogEntry({ kind: "rekey", ...content, oldSignature: sign(old.privateKey), newSignature: sign(fresh.privateKey) })
  withKeeper(files, ports, (keeper) => keeper.enqueue({ entry }))
  return `From the next start on this key signs. Give it to every witness before you start, beside the old one:\n${verifierKey(origin, fresh.publicKey)}`
}

function withKeeper<T>(
  files: Pick<KeeperFiles, "folder" | "databasePath">,
  ports: { readonly random: Random },
  use: (keeper: LogKeeper) => T,
): T {
  // What a log begins with is asked for only where there is none.
  const beginning = { origin: "unused", resetDelayMs: 0, policy: new Uint8Array() }
  const { keeper, close } = openKeeper({ ...files, beginning }, ports)
  try {
    if (keeper.status().size === 0) throw new ServerError("log_refused", "The log begins with the first start.")
    return use(keeper)
  } finally {
    close()
  }
}

function verifierKey(origin: string, publicKey: Uint8Array): string {
  return formatVerifierKey(noteKey(serverCrypto, { name: origin, type: noteKeyTypes.ed25519, publicKey }))
}
