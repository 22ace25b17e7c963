// An auditor at work: replay, then sign, then publish; and stop for good at the first thing that does not hold.

import {
  type AuditFinding,
  Auditor,
  KeylogError,
  appendSignatures,
  formatVerifierKey,
  noteKey,
  noteKeyTypes,
  signCosignature,
} from "@nodoor/keylog"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CliError } from "../cli-error.ts"
import { type PlacedEntry, provableEvidence } from "./audit-evidence.ts"
import { AuditMirror } from "./audit-mirror.ts"
import type { CosignerKey } from "./cosigner-key.ts"
import { crypto } from "./crypto.ts"
import { folderFiles } from "./log-files.ts"
import { claimedSize, pinText } from "./log-pin.ts"
import { StaticLog } from "./static-log.ts"

export interface AuditRound {
  readonly size: number
  readonly epoch: number
  readonly keyCount: number
  readonly findings: readonly AuditFinding[]
}

/** A signature is renewed when it is this old, so that clients never count a stale one. */
const renewAfterMs = 10 * 60_000
/** Entries held in memory before they are written. */
const flushEntries = 1024
const epochLine = "kt-epoch/v1\n"

export class AuditRun {
  readonly auditor: Auditor = new Auditor(crypto)
  readonly #source: StaticLog
  readonly #cosigner: CosignerKey
  readonly #mirror: AuditMirror
  readonly #folder: string
  #signed: { readonly size: number; readonly atMs: number; readonly note: Uint8Array } | undefined
  #nextEpoch = 0
  #lastEpoch: PlacedEntry | undefined
  /** The entry that is being looked at. */
  #refused: PlacedEntry | undefined

  /** `folder` holds `mirror/`; `source` is the log. */
  constructor(input: { readonly source: StaticLog; readonly folder: string; readonly cosigner: CosignerKey }) {
    this.#source = input.source
    this.#cosigner = input.cosigner
    this.#folder = input.folder
    this.#mirror = new AuditMirror(join(input.folder, "mirror"))
  }

  get mirrorFolder(): string {
    return this.#mirror.folder
  }

  /** Replays what the mirror holds. @throws CliError `state_damaged` when the mirror is not what this auditor signed */
  async resume(): Promise<void> {
    const note = await readFile(join(this.#mirror.folder, "checkpoint")).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined
      throw error
    })
    if (note === undefined) return
    try {
      const own = new StaticLog(folderFiles(this.#mirror.folder))
      await this.#replay(own, claimedSize(note))
      this.auditor.verifyCheckpoint(note)
      this.#signed = { size: this.auditor.size, atMs: 0, note }
    } catch (error) {
      throw new CliError("state_damaged", "The mirror is not what this auditor signed.", {
        next: "move the folder `mirror` away to replay the whole log",
        cause: error,
      })
    }
  }

  /**
   * Replays what is new, signs and publishes. `expectedPin`: 64 hexadecimal digits.
   * @throws KeylogError when the log failed its check: then nothing was signed, and what it showed is in the folder. CliError when it could not be read
   */
  async round(nowMs: number, expectedPin: string | undefined): Promise<AuditRound> {
    const note = await this.#source.checkpoint()
    try {
      const size = claimedSize(note)
      const findings = await this.#replay(this.#source, size)
      const { pin, epoch } = this.auditor
      if (pin !== undefined && expectedPin !== undefined && pinText(pin) !== expectedPin) {
        throw new CliError("pin_differs", `This log's pin is ${pinText(pin)}, not the one expected.`)
      }
      const text = this.auditor.verifyCheckpoint(note)
      if (this.#signed?.size !== size || nowMs - this.#signed.atMs >= renewAfterMs) await this.#sign(note, text, nowMs)
      return { size, epoch: epoch?.epoch ?? 0, keyCount: this.auditor.keyCount, findings }
    } catch (error) {
      if (error instanceof KeylogError) await this.#keepEvidence(note)
      throw error
    }
  }

  async #replay(source: StaticLog, size: number): Promise<AuditFinding[]> {
    const resuming = source !== this.#source
    const findings: AuditFinding[] = []
    let replayed: Uint8Array[] = []
    const flush = async (): Promise<void> => {
      if (resuming) this.#mirror.resume(replayed)
      else await this.#mirror.add(replayed)
      replayed = []
    }
    try {
      for await (const { entry } of source.entries(this.auditor.size, size)) {
        const delta = isEpoch(entry) ? await source.delta(this.#nextEpoch) : undefined
        this.#refused = { index: this.auditor.size, entry }
        findings.push(...this.auditor.append(entry, delta))
        if (delta !== undefined) this.#lastEpoch = this.#refused
        this.#refused = undefined
        replayed.push(entry)
        if (delta !== undefined && !resuming) await this.#mirror.writeDelta(this.#nextEpoch, delta)
        if (delta !== undefined) this.#nextEpoch++
        if (replayed.length === flushEntries) await flush()
      }
    } finally {
      await flush()
    }
    return findings
  }

  async #sign(note: Uint8Array, text: string, nowMs: number): Promise<void> {
    const { key, privateKey } = this.#cosigner
    const signature = signCosignature(crypto, { text, key, privateKey, timeSeconds: Math.floor(nowMs / 1000) })
    const signed = appendSignatures(note, [signature])
    await this.#mirror.publish(signed)
    this.#signed = { size: this.auditor.size, atMs: nowMs, note: signed }
  }

  /** The note that was refused, and whatever proves to others that it should have been. */
  async #keepEvidence(note: Uint8Array): Promise<void> {
    const folder = join(this.#folder, "evidence")
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(folder, `${Buffer.from(crypto.sha256(note)).toString("hex").slice(0, 16)}.note`), note)
    const { pin } = this.auditor
    if (pin === undefined) return
    const found = await provableEvidence({
      source: this.#source,
      logKey: formatVerifierKey(noteKey(crypto, { name: pin.origin, type: noteKeyTypes.ed25519, publicKey: this.auditor.logKey })),
      note,
      signed: this.#signed?.note,
      lastEpoch: this.#lastEpoch,
      refused: this.#refused,
    })
    for (const { kind, file } of found) await writeFile(join(folder, `${kind}-${claimedSize(note)}.txt`), file)
  }
}

/** Whether a delta belongs to the entry. What does not parse goes to the auditor without one, whose refusal it is. */
function isEpoch(entry: Uint8Array): boolean {
  return Buffer.from(entry.subarray(0, epochLine.length)).toString("latin1") === epochLine
}
