// The operator's settings for the log: how often it publishes, and whose statements clients require.

import {
  KeylogError,
  type NoteKey,
  type PolicyEntry,
  formatLogEntry,
  formatVerifierKey,
  parsePolicy,
  parseVerifierKey,
} from "@nodoor/keylog"
import { serverCrypto } from "../core/crypto.ts"
import { ServerError } from "../core/server-error.ts"
import type { Cosigner } from "./witness-client.ts"

export interface LogSettings {
  /** Least time between two epochs. */
  readonly epochMs: number
  /** Lines of a verifier key (type 0x04) and an address: `witness.example/anna+1a2b3c4d+BA… https://witness.example`. */
  readonly witnesses: readonly string[]
  /** The operator's own witnesses: shown, never counted. */
  readonly operators: readonly string[]
  readonly auditors: readonly string[]
  /** How many witnesses must sign; undefined: the fewest that keep two views apart. */
  readonly quorum: number | undefined
  /** How many dishonest witnesses the quorum withstands. */
  readonly faults: number
  /** How many auditors must have replayed; undefined: one if there is any. */
  readonly audits: number | undefined
}

/** One second: right for one's own machine and small servers. */
export const defaultLogSettings: LogSettings = {
  epochMs: 1_000,
  witnesses: [],
  operators: [],
  auditors: [],
  quorum: undefined,
  faults: 0,
  audits: undefined,
}

/** Longest time a client of ours waits for its update. */
const epochMaxMs = 60_000

export interface LogPlan {
  /** A `kt-policy/v1` entry. */
  readonly policy: Uint8Array
  readonly witnesses: readonly Cosigner[]
  readonly auditors: readonly Cosigner[]
}

/** @throws ServerError `config_invalid` */
export function planLog(settings: LogSettings, origin: string): LogPlan {
  if (!Number.isInteger(settings.epochMs) || settings.epochMs < 100 || settings.epochMs > epochMaxMs) {
    throw invalid("log.epoch_ms", `set milliseconds from 100 to ${epochMaxMs}`)
  }
  const witnesses = settings.witnesses.map((line) => cosigner("log.witnesses", line))
  const operators = settings.operators.map((line) => cosigner("log.operators", line))
  const auditors = settings.auditors.map((line) => cosigner("log.auditors", line))
  const keys = (cosigners: readonly Cosigner[]): string[] => cosigners.map(({ key }) => formatVerifierKey(key))
  const entry: PolicyEntry = {
    kind: "policy",
    quorum: settings.quorum ?? (witnesses.length === 0 ? 0 : Math.floor((witnesses.length + settings.faults) / 2) + 1),
    faults: witnesses.length === 0 ? 0 : settings.faults,
    audits: settings.audits ?? Math.min(1, auditors.length),
    witnesses: keys(witnesses),
    operators: keys(operators),
    auditors: keys(auditors),
  }
  const policy = formatLogEntry(entry)
  try {
    parsePolicy(serverCrypto, { entry: policy, origin, logKey: new Uint8Array(32) })
  } catch (error) {
    if (error instanceof KeylogError) throw invalid("log", `this policy is not valid: ${error.message}`)
    throw error
  }
  return { policy, witnesses: [...witnesses, ...operators], auditors }
}

function cosigner(setting: string, line: string): Cosigner {
  const [verifierKey = "", url = "", more] = line.split(" ")
  let key: NoteKey
  try {
    key = parseVerifierKey(serverCrypto, verifierKey)
  } catch (error) {
    if (error instanceof KeylogError) throw invalid(setting, "begin each line with the verifier key that the witness or auditor prints")
    throw error
  }
  if (more !== undefined || !/^https?:\/\/[^\s?#]+$/.test(url)) {
    throw invalid(setting, "end each line with the address of the witness or auditor, such as https://witness.example")
  }
  return { key, url: url.replace(/\/$/, "") }
}

function invalid(setting: string, fix: string): ServerError {
  return new ServerError("config_invalid", `${setting}: ${fix}`)
}
