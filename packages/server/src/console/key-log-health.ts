// The state of the transparency log, and which witnesses and auditors signed its newest checkpoint.

import { type NoteKey, type SignedNote, clockSkewMs, cosignatureLifetimeMs, findCosignature, parseNote, parsePolicy } from "@nodoor/keylog"
import type { OperatorOverview } from "@nodoor/wire/operator"
import { serverCrypto } from "../core/crypto.ts"
import type { LogService } from "../keylog/log-service.ts"
import type { Store } from "../accounts/store/store.ts"

export interface KeyLogHealthPorts {
  readonly keyLog: Pick<LogService, "keeper" | "state" | "file">
  readonly store: Pick<Store, "accountFeed">
}

type KeyLogHealth = OperatorOverview["keyLog"]

/** Checks every signature of the published checkpoint again. An auditor may lag: its word on an ancestor counts for a day. */
export async function keyLogHealth({ keyLog, store }: KeyLogHealthPorts, nowMs: number): Promise<KeyLogHealth> {
  const [status, checkpoint, audited] = await Promise.all([keyLog.keeper.status({}), keyLog.file("checkpoint"), keyLog.file("audited")])
  const { state } = keyLog
  const notes = [checkpoint, audited].map((file) => file && parseNote(file.bytes))
  const [published, ...others] = notes
  // The policy that clients go by is the one under the published checkpoint: the last.
  const entry = status.policies.at(-1)
  const policy = entry && parsePolicy(serverCrypto, { entry, origin: status.origin, logKey: status.logKey })
  const { newest } = await store.accountFeed({ after: status.feedPosition, max: 1 })
  const standsBehind = (key: NoteKey, over: readonly (SignedNote | undefined)[]): { name: string; signed: boolean } => ({
    name: key.name,
    signed: over.some((note) => note !== undefined && hasFreshSignature(note, key, nowMs)),
  })
  return {
    origin: status.origin,
    status: state.status,
    ...(state.status === "running" ? {} : { reason: state.reason }),
    size: status.publishedSize,
    ...(status.publishedAtMs === undefined ? {} : { publishedAtMs: status.publishedAtMs }),
    waiting: Math.max(0, newest - status.feedPosition),
    quorum: policy?.quorum ?? 0,
    witnesses: policy?.witnesses.map((key) => standsBehind(key, [published])) ?? [],
    auditors: policy?.auditors.map((key) => standsBehind(key, [published, ...others])) ?? [],
  }
}

function hasFreshSignature(note: SignedNote, key: NoteKey, nowMs: number): boolean {
  const cosignature = findCosignature(serverCrypto, { note, key })
  if (cosignature === undefined) return false
  const ageMs = nowMs - cosignature.timeSeconds * 1000
  return ageMs <= cosignatureLifetimeMs && ageMs >= -clockSkewMs
}
