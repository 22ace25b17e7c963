// How the server is, and how it was set up.

import * as v from "valibot"
import type { Route } from "../route.ts"
import { type Schema, count, list, text } from "../schema.ts"
import { day, none, operatorRoute } from "./message.ts"

const level: Schema<FindingLevel> = v.picklist(["ok", "note", "warn", "bad"])

export type FindingLevel = "ok" | "note" | "warn" | "bad"

export interface OperatorOverview {
  readonly origin: string
  readonly version: string
  readonly startedAtMs: number
  readonly nowMs: number
  /** As `nodoor-server doctor` says. */
  readonly findings: readonly { readonly what: string; readonly level: FindingLevel; readonly text: string }[]
  readonly accounts: { readonly active: number; readonly suspended: number; readonly erased: number }
  /** Streams on which somebody reads: about one for each device that is online. */
  readonly devicesConnected: number
  /** Ciphertexts that wait for a device to fetch them. */
  readonly queue: {
    readonly bodies: number
    readonly bytes: number
    /** Conversations that there are, whether anything waits in them or not. */
    readonly groups: number
    /** Start of the day (UTC) in which the oldest was taken; absent if nothing waits. */
    readonly oldestAtMs?: number
  }
  readonly storage: {
    readonly files: readonly { readonly name: string; readonly bytes: number }[]
    readonly freeBytes: number
  }
  readonly keyLog: {
    readonly origin: string
    readonly status: "running" | "waiting" | "refused"
    /** Why it waits or stands still, from a closed list. */
    readonly reason?: string
    readonly size: number
    readonly publishedAtMs?: number
    /** Account states that are not in it yet. */
    readonly waiting: number
    readonly quorum: number
    readonly witnesses: readonly { readonly name: string; readonly signed: boolean }[]
    readonly auditors: readonly { readonly name: string; readonly signed: boolean }[]
  }
  readonly cases: { readonly open: number; readonly awaitingApproval: number; readonly ready: number }
  readonly canary: { readonly status: "none" | "fresh" | "expired"; readonly expires?: string }
  readonly backup: { readonly atMs?: number; readonly files?: number }
  readonly databases: readonly { readonly path: string; readonly schema: number }[]
}
const signer = v.strictObject({ name: text(256), signed: v.boolean() })
export const operatorOverview: Route<Record<string, never>, OperatorOverview> = operatorRoute(
  "overview",
  none,
  v.strictObject({
    origin: text(255),
    version: text(32),
    startedAtMs: count,
    nowMs: count,
    findings: list(v.strictObject({ what: text(64), level, text: text(1024) }), 64),
    accounts: v.strictObject({ active: count, suspended: count, erased: count }),
    devicesConnected: count,
    queue: v.strictObject({ bodies: count, bytes: count, groups: count, oldestAtMs: v.exactOptional(count) }),
    storage: v.strictObject({ files: list(v.strictObject({ name: text(128), bytes: count }), 64), freeBytes: count }),
    keyLog: v.strictObject({
      origin: text(255),
      status: v.picklist(["running", "waiting", "refused"]),
      reason: v.exactOptional(text(256)),
      size: count,
      publishedAtMs: v.exactOptional(count),
      waiting: count,
      quorum: count,
      witnesses: list(signer, 64),
      auditors: list(signer, 64),
    }),
    cases: v.strictObject({ open: count, awaitingApproval: count, ready: count }),
    canary: v.strictObject({ status: v.picklist(["none", "fresh", "expired"]), expires: v.exactOptional(day) }),
    backup: v.strictObject({ atMs: v.exactOptional(count), files: v.exactOptional(count) }),
    databases: list(v.strictObject({ path: text(64), schema: count }), 8),
  }) as Schema<OperatorOverview>,
  { request: 16 },
)

/** One key of the configuration as it is in force; secrets are named and never shown. */
export interface OperatorSetting {
  readonly key: string
  readonly source: "default" | "file" | "environment"
  /** The variable that overrides it. */
  readonly variable: string
  /** "set" or "not set" for a secret. */
  readonly value: string
  readonly secret: boolean
  readonly help: string
}
export const operatorSettings: Route<
  Record<string, never>,
  { readonly file: string; readonly fileExists: boolean; readonly settings: readonly OperatorSetting[] }
> = operatorRoute(
  "settings",
  none,
  v.strictObject({
    file: text(1024),
    fileExists: v.boolean(),
    settings: list(
      v.strictObject({
        key: text(64),
        source: v.picklist(["default", "file", "environment"]),
        variable: text(64),
        value: text(2048),
        secret: v.boolean(),
        help: text(512),
      }),
      64,
    ),
  }),
  { request: 16 },
)
