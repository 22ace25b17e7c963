// What an operator does to the log by hand, while the server is stopped: look at it, change the signing key, end it. Changes take effect
// with the next start.

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

/** Where a data directory keeps its log. */
export function logFilesIn(dataDir: string): Pick<KeeperFiles, "folder" | "databasePath"> {
  const folder = join(dataDir, "log")
  return { folder, databasePath: join(folder, "log.sqlite") }
}

interface Ports {
  readonly random: Random
}

/** Lines about the log's state. The caller has taken the data directory, here and below. @throws ServerError `log_refused` */
export function logStatus(dataDir: string, ports: Ports): string {
  return withKeeper(existingLog(dataDir), ports, statusText)
}

/**
 * The log's next entry after the last ends it. Clients accept no account and no device that comes later.
 * @throws ServerError `log_refused`
 */
export function endLog(
  dataDir: string,
  { clock, random, successor }: Ports & { readonly clock: Clock; readonly successor: string | undefined },
): void {
  withKeeper(existingLog(dataDir), { random }, (keeper) => {
    keeper.enqueue({ entry: formatLogEntry({ kind: "end", timeMs: clock.nowMs(), successor }) })
  })
}

/** Makes a new signing key; answers it as a verifier key. @throws ServerError `log_refused`, `log_keys_unreadable` */
export function rekeyLog(dataDir: string, ports: Ports): string {
  const files = existingLog(dataDir)
  const { origin, logKey, rekeying } = withKeeper(files, ports, (keeper) => keeper.status())
  if (rekeying)
    throw new ServerError(
      "log_refused",
      "A new key is already waiting for the next start. Start the server before you change the key again.",
    )
  const old = loadLogKeys(files.folder, { random: ports.random, create: false }).signing.find(({ publicKey }) => equal(publicKey, logKey))
  if (old === undefined)
    throw new ServerError(
      "log_keys_unreadable",
      `The current signing key is not among the files in ${files.folder}. Restore it from a backup.`,
    )
  const fresh = addSigningKey(files.folder, ports.random)
  const content = { origin, oldKey: old.publicKey, newKey: fresh.publicKey }
  const sign = (privateKey: Uint8Array): Uint8Array => serverCrypto.signEd25519({ privateKey, message: rekeyInput(content) })
  const entry = formatLogEntry({ kind: "rekey", ...content, oldSignature: sign(old.privateKey), newSignature: sign(fresh.privateKey) })
  withKeeper(files, ports, (keeper) => keeper.enqueue({ entry }))
  return verifierKey(origin, fresh.publicKey)
}

function existingLog(dataDir: string): Pick<KeeperFiles, "folder" | "databasePath"> {
  const files = logFilesIn(dataDir)
  if (!existsSync(files.databasePath))
    throw new ServerError("log_refused", `${files.databasePath} does not exist. The first start of the server makes it.`)
  return files
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

function withKeeper<T>(
  files: Pick<KeeperFiles, "folder" | "databasePath">,
  ports: { readonly random: Random },
  use: (keeper: LogKeeper) => T,
): T {
  // Only a new log needs a beginning, and this one exists.
  const beginning = { origin: "unused", resetDelayMs: 0, policy: new Uint8Array() }
  const { keeper, close } = openKeeper({ ...files, beginning }, ports)
  try {
    if (keeper.status().size === 0) throw new ServerError("log_refused", "The log is empty. It begins with the first start of the server.")
    return use(keeper)
  } finally {
    close()
  }
}

function verifierKey(origin: string, publicKey: Uint8Array): string {
  return formatVerifierKey(noteKey(serverCrypto, { name: origin, type: noteKeyTypes.ed25519, publicKey }))
}
