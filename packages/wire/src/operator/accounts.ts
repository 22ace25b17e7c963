// Accounts as far as somebody who runs a server needs them, and invites.

import * as v from "valibot"
import { idBytes } from "../limits.ts"
import type { Route } from "../route.ts"
import { type Schema, count, fixedBytes, list, text } from "../schema.ts"
import { day, line, none, operatorLimits, operatorRoute, webAuthn } from "./message.ts"

export interface OperatorAccount {
  readonly accountId: Uint8Array
  readonly handle: string
  readonly createdAtMs: number
  /** UTC day. */
  readonly lastSeenDay: string
  readonly deviceCount: number
  readonly state: "active" | "suspended" | "erased"
}
const operatorAccount: Schema<OperatorAccount> = v.strictObject({
  accountId: fixedBytes(idBytes),
  handle: text(32),
  createdAtMs: count,
  lastSeenDay: day,
  deviceCount: count,
  state: v.picklist(["active", "suspended", "erased"]),
})
/** In the order of their handles, those after `after`; `prefix` narrows to handles that begin so. No names, e-mail or IP addresses. */
export const operatorAccounts: Route<
  { readonly after?: string | undefined; readonly prefix?: string | undefined },
  {
    readonly accounts: readonly OperatorAccount[]
    readonly more: boolean
    readonly accountsMax: number
  }
> = operatorRoute(
  "accounts",
  v.strictObject({ after: v.exactOptional(text(32)), prefix: v.exactOptional(text(32)) }),
  v.strictObject({
    accounts: list(operatorAccount, operatorLimits.pageRows),
    more: v.boolean(),
    accountsMax: count,
  }),
)
/** `erase` takes name, e-mail, IP addresses and devices away for good. It and `suspend` need `proof`; letting somebody in again needs none. */
export const operatorAccountChange: Route<
  { readonly accountId: Uint8Array; readonly change: "suspend" | "resume" | "erase"; readonly proof?: string | undefined },
  OperatorAccount
> = operatorRoute(
  "account/change",
  v.strictObject({
    accountId: fixedBytes(idBytes),
    change: v.picklist(["suspend", "resume", "erase"]),
    proof: v.exactOptional(webAuthn),
  }),
  operatorAccount,
  { request: 65_536 },
)

export interface OperatorInvite {
  /** First 8 bytes of the code's SHA-256, hexadecimal: enough to name it, not to use it. */
  readonly id: string
  readonly label: string
  readonly usesLeft: number
  readonly expiresAtMs: number
}
export const operatorInvites: Route<Record<string, never>, { readonly invites: readonly OperatorInvite[] }> = operatorRoute(
  "invites",
  none,
  v.strictObject({
    invites: list(
      v.strictObject({ id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)), label: text(64), usesLeft: count, expiresAtMs: count }),
      1000,
    ),
  }),
  { request: 16 },
)
/** The links are in this answer only: the server keeps hashes. */
export const operatorInviteCreate: Route<
  { readonly count: number; readonly uses: number; readonly days: number; readonly label: string },
  { readonly links: readonly string[] }
> = operatorRoute(
  "invite/create",
  v.strictObject({
    count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
    uses: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)),
    days: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(365)),
    label: line(64),
  }),
  v.strictObject({ links: list(text(512), 100) }),
)
export const operatorInviteRevoke: Route<{ readonly id: string }, Record<string, never>> = operatorRoute(
  "invite/revoke",
  v.strictObject({ id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)) }),
  none,
)
