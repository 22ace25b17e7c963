// The policy of a group: a GroupContext extension of private-use type 0xF0D0 (RFC 9420 §13.3), the same for every member because the
// key schedule covers it. `policy-check.ts` decides which commits it allows.

import { CodecError, bytes, compare, decodeCbor, encodeCbor } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { Extension } from "@nodoor/mls"
import { idBytes, limits } from "@nodoor/wire"
import type { GroupRules, HistorySharing, Role } from "./group-rules.ts"

export const policyExtensionType = 0xf0d0

export interface Policy {
  readonly kind: "dm" | "group" | "self"
  /** '' in a dm. At most 256 bytes. */
  readonly name: string
  /** Encoded thumbnail of at most 4,096 bytes. */
  readonly picture: Uint8Array | undefined
  /** Ascending by account. A dm lists its two accounts as admins for ever; a group lists its admins, everyone else in the tree is a member. */
  readonly roles: readonly { readonly accountId: AccountId; readonly role: Role }[]
  readonly rules: GroupRules
  /** Seconds after which messages disappear; undefined for never. */
  readonly expiryS: number | undefined
  /** Whoever lets somebody in sends them this much of what was written before. Undefined for nothing. */
  readonly history?: HistorySharing | undefined
}

/** What a group can share with new members at most. */
export const historyLimits = { messages: 200, days: 30 } as const

export const policyLimits = { nameBytes: 512, pictureBytes: 4096, bytes: 65_536 } as const
const version = 1

export function encodePolicy(policy: Policy): Uint8Array {
  return encodeCbor({
    version,
    kind: policy.kind,
    name: policy.name,
    picture: policy.picture ?? null,
    roles: policy.roles.map(({ accountId, role }) => [accountId, role]),
    rules: { add: policy.rules.add, rename: policy.rules.rename, post: policy.rules.post },
    expiry: policy.expiryS ?? null,
    ...(policy.history && {
      history: "messages" in policy.history ? ["messages", policy.history.messages] : ["days", policy.history.days],
    }),
  })
}

/** @throws CodecError for anything but the one encoding of a policy of this version */
export function decodePolicy(input: Uint8Array): Policy {
  const { history, ...value } = record(
    decodeCbor(input, { maxBytes: policyLimits.bytes }),
    ["version", "kind", "name", "picture", "roles", "rules", "expiry"],
    ["history"],
  )
  if (value["version"] !== version) throw invalid("version")
  const { kind, name, picture, expiry } = value
  if (kind !== "dm" && kind !== "group" && kind !== "self") throw invalid("kind")
  if (
    typeof name !== "string" ||
    !name.isWellFormed() ||
    /\p{Cc}/u.test(name) ||
    new TextEncoder().encode(name).length > policyLimits.nameBytes
  )
    throw invalid("name")
  if (picture !== null && !(picture instanceof Uint8Array && picture.length <= policyLimits.pictureBytes)) throw invalid("picture")
  if (expiry !== null && !(typeof expiry === "number" && Number.isInteger(expiry) && expiry > 0 && expiry <= 0xffffffff))
    throw invalid("expiry")
  if (history !== undefined && kind !== "group") throw invalid("history")
  const rules = record(value["rules"], ["add", "rename", "post"])
  return {
    kind,
    name,
    picture: picture ?? undefined,
    roles: roleList(value["roles"]),
    rules: { add: who(rules["add"]), rename: who(rules["rename"]), post: who(rules["post"]) },
    expiryS: expiry ?? undefined,
    ...(history !== undefined && { history: historySharing(history) }),
  }
}

/** The policy among the extensions of a GroupContext. @throws CodecError also when there is none, or more than one */
export function policyOf(extensions: readonly Extension[]): Policy {
  const found = extensions.filter((extension) => extension.type === policyExtensionType)
  if (found.length !== 1 || !found[0]) throw invalid("extension count")
  return decodePolicy(found[0].data)
}

/** The extensions with another policy in the place of the present one. */
export function withPolicy(extensions: readonly Extension[], policy: Policy): readonly Extension[] {
  const data = encodePolicy(policy)
  const others = extensions.filter((extension) => extension.type !== policyExtensionType)
  return [...others, { type: policyExtensionType, data }]
}

export function roleOf(policy: Policy, accountId: Uint8Array): Role {
  return policy.roles.find((entry) => compare(entry.accountId, accountId) === 0)?.role ?? "member"
}

/** The policy with an account's role set; members of a group are not listed. */
export function withRole(policy: Policy, accountId: AccountId, role: Role): Policy {
  const others = policy.roles.filter((entry) => compare(entry.accountId, accountId) !== 0)
  const roles = role === "admin" ? [...others, { accountId, role }] : others
  return { ...policy, roles: roles.toSorted((a, b) => compare(a.accountId, b.accountId)) }
}

function roleList(value: unknown): Policy["roles"] {
  if (!Array.isArray(value) || value.length > limits.accountsPerGroup) throw invalid("roles")
  let before: Uint8Array | undefined
  return value.map((entry: unknown) => {
    if (!Array.isArray(entry) || entry.length !== 2) throw invalid("role entry")
    const [accountId, role] = entry as unknown[]
    if (!(accountId instanceof Uint8Array) || accountId.length !== idBytes || role !== "admin") throw invalid("role entry")
    if (before && compare(before, accountId) >= 0) throw new CodecError("non_canonical", "order of roles")
    before = accountId
    return { accountId: bytes<"AccountId">(accountId), role }
  })
}

/** @throws CodecError */
function historySharing(value: unknown): HistorySharing {
  if (!Array.isArray(value) || value.length !== 2) throw invalid("history")
  const [unit, count] = value as unknown[]
  if (unit !== "messages" && unit !== "days") throw invalid("history")
  if (typeof count !== "number" || !isShareable(unit, count)) throw invalid("history")
  return unit === "messages" ? { messages: count } : { days: count }
}

/** Whether a group can share so much with new members. */
export function isShareable(unit: "messages" | "days", count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= historyLimits[unit]
}

function record(value: unknown, keys: readonly string[], optional: readonly string[] = []): Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof Uint8Array) throw invalid("map")
  const names = Object.keys(value)
  if (!keys.every((key) => names.includes(key)) || !names.every((name) => keys.includes(name) || optional.includes(name)))
    throw invalid("keys")
  return value as Record<string, unknown>
}

function who(value: unknown): "admins" | "everyone" {
  if (value !== "admins" && value !== "everyone") throw invalid("rule")
  return value
}

function invalid(what: string): CodecError {
  return new CodecError("invalid_value", `policy ${what}`)
}
