// People who may act, and the log of what they did.

import * as v from "valibot"
import type { Route } from "../route.ts"
import { type Schema, count, list, text } from "../schema.ts"
import { type OperatorRole, none, operatorLimits, operatorRoute, personName, role, sha256, webAuthn } from "./message.ts"

export interface OperatorPerson {
  readonly name: string
  readonly role: OperatorRole
  readonly addedAtMs: number
  /** Absent while they may act. */
  readonly removedAtMs?: number
  readonly me: boolean
  readonly credentials: readonly {
    /** Hexadecimal, of the key or the credential id. */
    readonly id: string
    readonly kind: "key" | "passkey"
    readonly label: string
    readonly addedAtMs: number
    readonly usedAtMs?: number
  }[]
}
export interface OperatorEnrolment {
  readonly name: string
  readonly role: OperatorRole
  readonly expiresAtMs: number
  /** Set for a recovery from the machine's command line: when its link begins to work, and until when somebody can end it. */
  readonly recoveryAtMs?: number
}
export const operatorPeople: Route<
  Record<string, never>,
  { readonly people: readonly OperatorPerson[]; readonly enrolments: readonly OperatorEnrolment[] }
> = operatorRoute(
  "people",
  none,
  v.strictObject({
    people: list(
      v.strictObject({
        name: personName,
        role,
        addedAtMs: count,
        removedAtMs: v.exactOptional(count),
        me: v.boolean(),
        credentials: list(
          v.strictObject({
            id: v.pipe(v.string(), v.regex(/^[0-9a-f]{2,2046}$/)),
            kind: v.picklist(["key", "passkey"]),
            label: text(64),
            addedAtMs: count,
            usedAtMs: v.exactOptional(count),
          }),
          32,
        ),
      }) as Schema<OperatorPerson>,
      256,
    ),
    enrolments: list(
      v.strictObject({ name: personName, role, expiresAtMs: count, recoveryAtMs: v.exactOptional(count) }) as Schema<OperatorEnrolment>,
      64,
    ),
  }),
  { request: 16 },
)
/** A link for one person, good once and for a day; in this answer only. With one's own name: for another passkey of one's own. */
export const operatorPersonInvite: Route<
  { readonly name: string; readonly role: OperatorRole; readonly proof: string },
  { readonly link: string; readonly expiresAtMs: number }
> = operatorRoute(
  "person/invite",
  v.strictObject({ name: personName, role, proof: webAuthn }),
  v.strictObject({ link: text(512), expiresAtMs: count }),
  { request: 65_536 },
)
/** `role` absent: the person may not act any more. The last owner stays one. */
export const operatorPersonChange: Route<
  { readonly name: string; readonly role?: OperatorRole | undefined; readonly proof: string },
  Record<string, never>
> = operatorRoute("person/change", v.strictObject({ name: personName, role: v.exactOptional(role), proof: webAuthn }), none, {
  request: 65_536,
})

/** The newest first, those before `before`. `entry` is the canonical JSON that `hash` is of; `holds` says whether the whole chain was checked. */
export const operatorAudit: Route<
  { readonly before?: number | undefined },
  {
    readonly holds: boolean
    readonly entries: readonly { readonly seq: number; readonly entry: string; readonly hash: string }[]
    readonly more: boolean
  }
> = operatorRoute(
  "audit",
  v.strictObject({ before: v.exactOptional(count) }),
  v.strictObject({
    holds: v.boolean(),
    entries: list(v.strictObject({ seq: count, entry: v.pipe(v.string(), v.maxLength(16_384)), hash: sha256 }), operatorLimits.pageRows),
    more: v.boolean(),
  }),
)
