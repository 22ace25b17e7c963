// What the leaves of the log say (docs/transparency.md, "Entries"): strict line text, one spelling per meaning. A reader that meets
// a line it does not know refuses the entry.

import { CodecError, equal, fromBase64, fromUtf8, toBase64, toUtf8 } from "@nodoor/bytes"
import { KeylogError, rule } from "../core/keylog-error.ts"
import { isOriginText } from "../core/origin.ts"
import { maxEntryBytes } from "./tile.ts"

/** Where an entry stands in the log, and SHA-256 of its bytes. */
export interface EntryReference {
  readonly index: number
  readonly hash: Uint8Array
}

/** The map's root at one moment; the last leaf under every published checkpoint. */
export interface EpochEntry {
  readonly kind: "epoch"
  readonly epoch: number
  readonly timeMs: number
  readonly configHash: Uint8Array
  readonly policy: EntryReference
  /** SHA-256 of the epoch entry before; zeros at epoch 0. */
  readonly prev: Uint8Array
  readonly keyCount: number
  readonly mapRoot: Uint8Array
  readonly deltaCount: number
  /** SHA-256 of the delta file. */
  readonly deltaHash: Uint8Array
  readonly release: EntryReference | undefined
  readonly notice: EntryReference | undefined
}

/** What never changes; entry 0. Clients pin it whole. */
export interface ConfigEntry {
  readonly kind: "config"
  readonly origin: string
  readonly vrfKey: Uint8Array
  /** The first key that signs checkpoints. */
  readonly logKey: Uint8Array
  /** How long the devices of a hard reset are held. */
  readonly resetDelayMs: number
}

/** Whose statements clients ask for beside the log's own. Keys are verifier keys (c2sp.org/signed-note) of type 0x04. */
export interface PolicyEntry {
  readonly kind: "policy"
  /** How many of `witnesses` must cosign. */
  readonly quorum: number
  /** How many dishonest witnesses the quorum withstands. */
  readonly faults: number
  /** How many of `auditors` must state that they replayed the log. */
  readonly audits: number
  readonly witnesses: readonly string[]
  /** Witnesses of the operator's own: shown, never counted. */
  readonly operators: readonly string[]
  readonly auditors: readonly string[]
}

/** From the next checkpoint on another key signs. Both keys sign the entry up to their signatures. */
export interface RekeyEntry {
  readonly kind: "rekey"
  readonly origin: string
  readonly oldKey: Uint8Array
  readonly newKey: Uint8Array
  readonly oldSignature: Uint8Array
  readonly newSignature: Uint8Array
}

/** Client code that may run from a stated moment. */
export interface ReleaseEntry {
  readonly kind: "release"
  readonly version: string
  readonly manifestHash: Uint8Array
  readonly effectiveMs: number
  readonly emergency: boolean
}

/** The day's slot for lawful requests, and earlier slots that may now be read. */
export interface NoticeEntry {
  readonly kind: "notice"
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string
  /** 32 bytes: random, or HMAC-SHA256(key, body). */
  readonly slot: Uint8Array
  /** Each with the day of the slot it opens, its 32-byte key and the canonical JSON. */
  readonly opened: readonly { readonly day: string; readonly key: Uint8Array; readonly body: Uint8Array }[]
}

/** The log takes no more entries but one last epoch. */
export interface EndEntry {
  readonly kind: "end"
  readonly timeMs: number
  readonly successor: string | undefined
}

export type LogEntry = EpochEntry | ConfigEntry | PolicyEntry | RekeyEntry | ReleaseEntry | NoticeEntry | EndEntry

/** The one suite there is (draft-ietf-keytrans-protocol). */
const suite = "KT_128_SHA256_Ed25519"

/** @throws KeylogError `entry_malformed` for anything but the one spelling of a known entry */
export function parseLogEntry(bytes: Uint8Array): LogEntry {
  rule(bytes.length > 0 && bytes.length <= maxEntryBytes, "entry_malformed", "length") // E1
  let entry: LogEntry
  try {
    const text = fromUtf8(bytes)
    rule(text.endsWith("\n"), "entry_malformed", "last line") // E1
    const lines = new Lines(text.slice(0, -1).split("\n"))
    entry = readEntry(lines)
    lines.end()
  } catch (error) {
    if (error instanceof CodecError) throw new KeylogError("entry_malformed", error.message, { cause: error }) // E1
    throw error
  }
  rule(equal(formatLogEntry(entry), bytes), "entry_malformed", "another spelling") // E1
  return entry
}

/** The bytes of an entry, which are the log's leaf. */
export function formatLogEntry(entry: LogEntry): Uint8Array {
  return toUtf8(`kt-${entry.kind}/v1\n${lineText(entry)}`)
}

/** What both keys sign of a rekey entry: "kt/rekey/v1" ‖ 0x00 ‖ its lines up to the signatures. */
export function rekeyInput(entry: Pick<RekeyEntry, "origin" | "oldKey" | "newKey">): Uint8Array {
  return toUtf8(`kt/rekey/v1\0${rekeyText(entry)}`)
}

function lineText(entry: LogEntry): string {
  switch (entry.kind) {
    case "epoch":
      return [
        `epoch ${entry.epoch}`,
        `time ${entry.timeMs}`,
        `config 0 ${toBase64(entry.configHash)}`,
        `policy ${entry.policy.index} ${toBase64(entry.policy.hash)}`,
        `prev ${toBase64(entry.prev)}`,
        `map ${entry.keyCount} ${toBase64(entry.mapRoot)}`,
        `delta ${entry.deltaCount} ${toBase64(entry.deltaHash)}`,
        `release ${referenceText(entry.release)}`,
        `notice ${referenceText(entry.notice)}\n`,
      ].join("\n")
    case "config":
      return `origin ${entry.origin}\nsuite ${suite}\nvrf ${toBase64(entry.vrfKey)}\nkey ${toBase64(entry.logKey)}\nreset-delay ${entry.resetDelayMs}\n`
    case "policy": {
      const keys = (name: string, list: readonly string[]): string => list.map((key) => `${name} ${key}\n`).join("")
      const numbers = `quorum ${entry.quorum}\nfaults ${entry.faults}\naudits ${entry.audits}\n`
      return numbers + keys("witness", entry.witnesses) + keys("operator", entry.operators) + keys("auditor", entry.auditors)
    }
    case "rekey":
      return `${rekeyText(entry)}old-signature ${toBase64(entry.oldSignature)}\nnew-signature ${toBase64(entry.newSignature)}\n`
    case "release":
      return `version ${entry.version}\nmanifest ${toBase64(entry.manifestHash)}\neffective ${entry.effectiveMs}\nurgency ${entry.emergency ? "emergency" : "normal"}\n`
    case "notice": {
      const opened = entry.opened.map(({ day, key, body }) => `open ${day} ${toBase64(key)} ${toBase64(body)}\n`)
      return `day ${entry.day}\nslot ${toBase64(entry.slot)}\n${opened.join("")}`
    }
    case "end":
      return `time ${entry.timeMs}\nsuccessor ${entry.successor ?? "none"}\n`
  }
}

function readEntry(lines: Lines): LogEntry {
  const first = lines.next()
  switch (first) {
    case "kt-epoch/v1":
      return readEpoch(lines)
    case "kt-config/v1": {
      const origin = lines.origin("origin")
      rule(lines.value("suite") === suite, "entry_malformed", "suite") // E1
      return { kind: "config", origin, vrfKey: lines.bytes("vrf"), logKey: lines.bytes("key"), resetDelayMs: lines.number("reset-delay") }
    }
    case "kt-policy/v1": {
      const numbers = { quorum: lines.number("quorum"), faults: lines.number("faults"), audits: lines.number("audits") }
      const keys = { witnesses: lines.many("witness"), operators: lines.many("operator"), auditors: lines.many("auditor") }
      return { kind: "policy", ...numbers, ...keys }
    }
    case "kt-rekey/v1": {
      const content = { origin: lines.origin("origin"), oldKey: lines.bytes("old"), newKey: lines.bytes("new") }
      return { kind: "rekey", ...content, oldSignature: lines.bytes("old-signature", 64), newSignature: lines.bytes("new-signature", 64) }
    }
    case "kt-release/v1": {
      const version = lines.value("version")
      rule(/^[0-9A-Za-z.+-]{1,64}$/.test(version), "entry_malformed", "version") // E1
      const content = { version, manifestHash: lines.bytes("manifest"), effectiveMs: lines.number("effective") }
      return { kind: "release", ...content, emergency: lines.value("urgency") === "emergency" }
    }
    case "kt-notice/v1": {
      const day = lines.day(lines.value("day"))
      const slot = lines.bytes("slot")
      const opened = lines.many("open").map((text) => {
        const [openDay = "", key = "", body = ""] = text.split(" ")
        return { day: lines.day(openDay), key: lines.base64(key, 32), body: fromBase64(body) }
      })
      return { kind: "notice", day, slot, opened }
    }
    case "kt-end/v1": {
      const timeMs = lines.number("time")
      const successor = lines.value("successor")
      rule(isOriginText(successor), "entry_malformed", "successor") // E1
      return { kind: "end", timeMs, successor: successor === "none" ? undefined : successor }
    }
    default:
      throw new KeylogError("entry_malformed", "unknown entry") // E1
  }
}

function readEpoch(lines: Lines): EpochEntry {
  const epoch = lines.number("epoch")
  const timeMs = lines.number("time")
  const config = lines.reference("config")
  rule(config?.index === 0, "entry_malformed", "config is entry 0") // E1
  const policy = lines.reference("policy")
  rule(policy !== undefined, "entry_malformed", "policy") // E1
  const prev = lines.bytes("prev")
  const map = lines.reference("map")
  const delta = lines.reference("delta")
  rule(map !== undefined && delta !== undefined, "entry_malformed", "map and delta") // E1
  return {
    kind: "epoch",
    epoch,
    timeMs,
    configHash: config.hash,
    policy,
    prev,
    keyCount: map.index,
    mapRoot: map.hash,
    deltaCount: delta.index,
    deltaHash: delta.hash,
    release: lines.reference("release"),
    notice: lines.reference("notice"),
  }
}

function rekeyText({ origin, oldKey, newKey }: Pick<RekeyEntry, "origin" | "oldKey" | "newKey">): string {
  return `origin ${origin}\nold ${toBase64(oldKey)}\nnew ${toBase64(newKey)}\n`
}

function referenceText(reference: EntryReference | undefined): string {
  return reference === undefined ? "none" : `${reference.index} ${toBase64(reference.hash)}`
}

/** Lines of the form `name value`, read in order. */
class Lines {
  readonly #lines: readonly string[]
  #at = 0

  constructor(lines: readonly string[]) {
    this.#lines = lines
  }

  next(): string {
    const line = this.#lines[this.#at++]
    rule(line !== undefined, "entry_malformed", "too few lines") // E1
    return line
  }

  value(name: string): string {
    const line = this.next()
    rule(line.startsWith(`${name} `), "entry_malformed", "lines in their order") // E1
    return line.slice(name.length + 1)
  }

  many(name: string): string[] {
    const out: string[] = []
    while (this.#lines[this.#at]?.startsWith(`${name} `)) out.push(this.value(name))
    return out
  }

  number(name: string): number {
    return this.decimal(this.value(name))
  }

  decimal(text: string): number {
    const value = Number(text)
    rule(/^(?:0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(value), "entry_malformed", "decimal number") // E1
    return value
  }

  bytes(name: string, sizeBytes: number = 32): Uint8Array {
    return this.base64(this.value(name), sizeBytes)
  }

  base64(text: string, sizeBytes: number): Uint8Array {
    const bytes = fromBase64(text)
    rule(bytes.length === sizeBytes, "entry_malformed", "length of a value") // E1
    return bytes
  }

  origin(name: string): string {
    const origin = this.value(name)
    rule(isOriginText(origin), "entry_malformed", "origin") // E1
    return origin
  }

  day(text: string): string {
    rule(/^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/.test(text), "entry_malformed", "day") // E1
    return text
  }

  reference(name: string): EntryReference | undefined {
    const value = this.value(name)
    if (value === "none") return undefined
    const [index = "", hash = ""] = value.split(" ")
    return { index: this.decimal(index), hash: this.base64(hash, 32) }
  }

  end(): void {
    rule(this.#at === this.#lines.length, "entry_malformed", "unknown line") // E1
  }
}
