// What each key means, which values it takes, and which of two values stays. Every comparison is a total order, so that all devices end with
// the same value whatever came first (docs/sync.md). A key that is not here was written by a newer version: it is kept and passed on.

import { type CborValue, compare, encodeCbor } from "@nodoor/bytes"
import { hashBytes } from "@nodoor/wire"
import { type SyncEntry, syncLimits } from "../store/sync/sync-entry.ts"
import { isTooLong, textLimits } from "../core/text-limits.ts"
import { recoveryPasskeyBytes } from "../trust/recovery/passkey.ts"
import { compareStamps } from "./stamp.ts"

/** `last`: the later stamp stays. `greatest`: the greater number stays. `once`: there is one value, and nothing takes it back. */
type Merge = "last" | "greatest" | "once"

export type RuleName =
  | "read"
  | "cleared"
  | "deleted"
  | "starred"
  | "chatFlag"
  | "chatDraft"
  | "chatFolder"
  | "chatAccepted"
  | "contactAccepted"
  | "contactBlocked"
  | "contactVerified"
  | "chatMuted"
  | "profileName"
  | "folders"
  | "deviceName"
  | "recoveryConfirmed"
  | "recoveryPasskey"
  | "other"

export interface Rule {
  readonly name: RuleName
  readonly key: RegExp
  readonly merge: Merge
  readonly maxBytes?: number
  takes(value: CborValue): boolean
}

const isFlag = (value: CborValue): boolean => typeof value === "boolean"
const isTrue = (value: CborValue): boolean => value === true
const isOrder = (value: CborValue): boolean => typeof value === "number" && Number.isSafeInteger(value) && value >= 0
const isText = (characters: number) => (value: CborValue) =>
  typeof value === "string" && value.isWellFormed() && value.length <= 2 * characters && [...value].length <= characters
const isName = (value: CborValue): boolean =>
  typeof value === "string" &&
  value !== "" &&
  value.isWellFormed() &&
  !/\p{Cc}/u.test(value) &&
  !isTooLong(value, textLimits.nameCharacters)

/** Names of folders, each once. */
const isFolderList = (value: CborValue): boolean =>
  Array.isArray(value) &&
  value.length <= textLimits.folders &&
  value.every((name) => isName(name) && !isTooLong(String(name), textLimits.folderCharacters)) &&
  new Set(value).size === value.length

const other: Rule = { name: "other", key: /^/, merge: "last", takes: () => true }

const isPasskey = (value: CborValue): boolean => value === null || (value instanceof Uint8Array && value.length <= recoveryPasskeyBytes)

export const rules: readonly Rule[] = [
  { name: "read", key: /^read\/[0-9a-f]{64}$/, merge: "greatest", takes: isOrder },
  { name: "cleared", key: /^cleared\/[0-9a-f]{64}$/, merge: "greatest", takes: isOrder },
  { name: "deleted", key: /^deleted\/[0-9a-f]{64}\/[0-9a-f]{64}$/, merge: "once", takes: isTrue },
  { name: "starred", key: /^starred\/[0-9a-f]{64}\/[0-9a-f]{64}$/, merge: "last", takes: isFlag },
  { name: "chatFlag", key: /^chat\/([0-9a-f]{32}|[0-9a-f]{64})\/(pinned|archived|unread)$/, merge: "last", takes: isFlag },
  {
    name: "chatMuted",
    key: /^chat\/([0-9a-f]{32}|[0-9a-f]{64})\/muted$/,
    merge: "last",
    takes: (value) => isFlag(value) || isOrder(value),
  },
  {
    name: "chatDraft",
    key: /^chat\/([0-9a-f]{32}|[0-9a-f]{64})\/draft$/,
    merge: "last",
    maxBytes: syncLimits.draftBytes,
    takes: isText(textLimits.draftCharacters),
  },
  { name: "chatFolder", key: /^chat\/([0-9a-f]{32}|[0-9a-f]{64})\/folder$/, merge: "last", takes: isText(textLimits.folderCharacters) },
  { name: "chatAccepted", key: /^chat\/([0-9a-f]{32}|[0-9a-f]{64})\/accepted$/, merge: "once", takes: isTrue },
  { name: "contactAccepted", key: /^contact\/[0-9a-f]{32}\/accepted$/, merge: "once", takes: isTrue },
  { name: "contactBlocked", key: /^contact\/[0-9a-f]{32}\/blocked$/, merge: "last", takes: isFlag },
  { name: "contactVerified", key: /^contact\/[0-9a-f]{32}\/verified$/, merge: "last", takes: isVerifiedMark },
  { name: "profileName", key: /^profile\/name$/, merge: "last", takes: isName },
  { name: "folders", key: /^folders$/, merge: "last", maxBytes: syncLimits.foldersBytes, takes: isFolderList },
  { name: "deviceName", key: /^device\/[0-9a-f]{32}\/name$/, merge: "last", takes: isName },
  { name: "recoveryConfirmed", key: /^recovery\/confirmed$/, merge: "last", takes: isFlag },
  { name: "recoveryPasskey", key: /^recovery\/passkey$/, merge: "last", takes: isPasskey },
]

/** Folders of known keys: a key in one of them that no rule knows is malformed, not new. */
const known = /^(read|cleared|deleted|starred|chat|contact|device)\//

/** Undefined for a key that is not well-formed. */
export function ruleOf(key: string): Rule | undefined {
  return rules.find((rule) => rule.key.test(key)) ?? (known.test(key) ? undefined : other)
}

/** Whether the value is one that the key may have. */
export function takes(rule: Rule, value: CborValue): boolean {
  return encodeCbor(value).length <= (rule.maxBytes ?? syncLimits.valueBytes) && rule.takes(value)
}

/** Positive if `a` stays, negative if `b` does, 0 if they are the same entry. */
export function compareEntries({ merge }: Pick<Rule, "merge">, a: SyncEntry, b: SyncEntry): number {
  if (merge === "greatest" && a.value !== b.value) return Number(a.value) - Number(b.value)
  return compareStamps(a.stamp, b.stamp) || compare(encodeCbor(a.value), encodeCbor(b.value))
}

/** A contact was compared in person: as it was started over so many times since its first state. null takes it back. */
export interface VerifiedMark {
  readonly genesis: Uint8Array
  readonly resets: number
  readonly atMs: number
}

export function verifiedValue({ genesis, resets, atMs }: VerifiedMark): CborValue {
  return { genesis, resets, atMs }
}

export function verifiedMark(value: CborValue): VerifiedMark | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof Uint8Array || value instanceof Map)
    return undefined
  const { genesis, resets, atMs, ...more } = value as { readonly [key: string]: CborValue }
  if (!(genesis instanceof Uint8Array) || genesis.length !== hashBytes || Object.keys(more).length > 0) return undefined
  return typeof resets === "number" && typeof atMs === "number" && isOrder(resets) && isOrder(atMs) ? { genesis, resets, atMs } : undefined
}

function isVerifiedMark(value: CborValue): boolean {
  return value === null || verifiedMark(value) !== undefined
}
