// Which log is meant: its config entry, pinned by its hash, and its head checked from static files alone.

import {
  type HeadState,
  type LogPin,
  type VerifiedHead,
  noteKey,
  noteKeyTypes,
  parseCheckpoint,
  parseLogEntry,
  parseNote,
  pinLog,
  signaturesBy,
  verifyHead,
} from "@nodoor/keylog"
import { CliError } from "../cli-error.ts"
import { crypto, sameBytes } from "./crypto.ts"
import type { StaticLog } from "./static-log.ts"

export interface CheckedLog {
  readonly pin: LogPin
  readonly configEntry: Uint8Array
  readonly head: VerifiedHead
}

/** Reads the first entry. `expected`: SHA-256 of it in hexadecimal, from somewhere better than this log. @throws CliError `pin_differs` */
export async function readPin(
  log: StaticLog,
  size: number,
  expected: string | undefined,
): Promise<{ readonly pin: LogPin; readonly configEntry: Uint8Array }> {
  const configEntry = await log.entry(0, size)
  const pin = pinLog(crypto, configEntry)
  if (expected !== undefined && expected !== pinText(pin)) {
    throw new CliError("pin_differs", `This log's pin is ${pinText(pin)}, not the one expected.`, {
      next: "don't trust this server; ask the person who gave you the pin",
    })
  }
  return { pin, configEntry }
}

/** How people write a pin: 64 hexadecimal digits. */
export function pinText(pin: LogPin): string {
  return Buffer.from(pin.configHash).toString("hex")
}

/** The size that a note claims; unchecked. */
export function claimedSize(note: Uint8Array): number {
  return parseCheckpoint(parseNote(note).text).size
}

/**
 * The log's present head with every check that a device makes: signature, policy, witnesses, last entry, growth out of `stored`.
 * @throws CliError; KeylogError with the rule that does not hold
 */
export async function checkLog(
  log: StaticLog,
  options: { readonly expectedPin: string | undefined; readonly stored?: HeadState | undefined; readonly nowMs: number },
): Promise<CheckedLog> {
  const checkpoint = await log.checkpoint()
  const size = claimedSize(checkpoint)
  const { pin, configEntry } = await readPin(log, size, options.expectedPin)
  const epochEntry = await log.entry(size - 1, size)
  const epoch = parseLogEntry(epochEntry)
  const { stored } = options
  const policyEntry = epoch.kind === "epoch" ? await log.entry(epoch.policy.index, size) : undefined
  const rekeys = await readRekeys(log, checkpoint, size, stored?.logKey ?? pin.logKey, pin.origin)
  const proof = await log.ask(size, (tree) => ({
    consistency: stored === undefined || stored.size > size ? [] : tree.consistencyProof({ older: stored.size }),
    inclusion: tree.inclusionProof(size - 1),
    rekeys: rekeys.map(({ index, entry }) => ({ index, entry, inclusion: tree.inclusionProof(index) })),
  }))
  const audit = await readAudit(log, size)
  const head = verifyHead(crypto, { pin, stored, proof: { checkpoint, epochEntry, policyEntry, audit, ...proof }, nowMs: options.nowMs })
  return { pin, configEntry, head }
}

/** The changes of the log's key since `logKey`; looked for only when the note is signed by another. */
async function readRekeys(
  log: StaticLog,
  note: Uint8Array,
  size: number,
  logKey: Uint8Array,
  origin: string,
): Promise<{ readonly index: number; readonly entry: Uint8Array }[]> {
  const key = noteKey(crypto, { name: origin, type: noteKeyTypes.ed25519, publicKey: logKey })
  if (signaturesBy(parseNote(note), key).length > 0) return []
  const all: { index: number; entry: Uint8Array }[] = []
  let started = false
  for await (const { index, entry } of log.entries(0, size)) {
    const parsed = parseLogEntry(entry)
    if (parsed.kind !== "rekey") continue
    started ||= sameBytes(parsed.oldKey, logKey)
    if (started) all.push({ index, entry })
  }
  return all
}

/** The auditors' latest note with the proof that this tree grew out of its. */
async function readAudit(log: StaticLog, size: number): Promise<{ note: Uint8Array; consistency: readonly Uint8Array[] } | undefined> {
  const note = await log.audited()
  if (note === undefined) return undefined
  const older = claimedSize(note)
  // The log may have published between the two requests; the next look will have both.
  if (older > size) return undefined
  return { note, consistency: await log.ask(size, (tree) => tree.consistencyProof({ older })) }
}
