// The people who may act at the desk and in the console, their credentials, and what each role may do.

import { equal } from "@nodoor/bytes"
import type { OperatorRole } from "@nodoor/wire/operator"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"

export interface Person {
  readonly operatorId: number
  readonly name: string
  readonly role: OperatorRole
  readonly addedAtMs: number
  /** Undefined while they may act. */
  readonly removedAtMs: number | undefined
}

export interface Credential {
  /** An Ed25519 public key, 32 bytes, or the id that a passkey gave itself, 1 to 1,023. */
  readonly credentialId: Uint8Array
  readonly operatorId: number
  readonly kind: "key" | "passkey"
  /** Ed25519, 32 bytes, or a COSE key (RFC 9052 §7). */
  readonly publicKey: Uint8Array
  readonly label: string
  readonly signCount: number
  readonly addedAtMs: number
  readonly usedAtMs: number | undefined
  /** Undefined while it counts. */
  readonly removedAtMs: number | undefined
}

/** `handle`: open cases, attach, export, close; accounts and invites. `people`: who may act, and as what. */
export type Right = "read" | "approve" | "handle" | "people"

const rightsOf: Readonly<Record<OperatorRole, readonly Right[]>> = {
  owner: ["read", "approve", "handle", "people"],
  operator: ["read", "approve", "handle"],
  reviewer: ["read", "approve"],
}

/** @throws ServerError `operator_forbidden` */
export function requireRight({ name, role }: Person, right: Right): void {
  if (!rightsOf[role].includes(right)) throw new ServerError("operator_forbidden", `${name} is ${role}: ${forbidden[right]}`)
}

const forbidden: Readonly<Record<Right, string>> = {
  read: "they may not read here.",
  approve: "they may not approve cases.",
  handle: "they may read and approve cases, and nothing else.",
  people: "only an owner says who may act.",
}

/** How long new people wait before they can approve, so that the others notice them, and an owner can't become two people by inviting themselves. */
export const newcomerWaitMs: number = 72 * 3_600_000

/** From when on somebody's approvals count, Unix time in milliseconds. The first two don't wait. */
export function approvesFromMs(db: Database, { operatorId, addedAtMs }: Person): number {
  const isFirst = allPeople(db)
    .slice(0, 2)
    .some((one) => one.operatorId === operatorId)
  return isFirst ? addedAtMs : addedAtMs + newcomerWaitMs
}

/** Everybody who ever could act, in the order in which they came. */
export function allPeople(db: Database): readonly Person[] {
  type Row = { operator_id: number; name: string; role: OperatorRole; added_at_ms: number; removed_at_ms: number | null }
  return db.all<Row>("SELECT operator_id, name, role, added_at_ms, removed_at_ms FROM operators ORDER BY operator_id").map((row) => ({
    operatorId: row.operator_id,
    name: row.name,
    role: row.role,
    addedAtMs: row.added_at_ms,
    removedAtMs: row.removed_at_ms ?? undefined,
  }))
}

/** Those who may act now. */
export function activePeople(db: Database): readonly Person[] {
  return allPeople(db).filter(({ removedAtMs }) => removedAtMs === undefined)
}

/** Also those that were removed: they stay, so that what they signed can be checked, and do not come back. */
export function allCredentials(db: Database): readonly Credential[] {
  type Row = {
    credential_id: Uint8Array
    operator_id: number
    kind: "key" | "passkey"
    public_key: Uint8Array
    label: string
    sign_count: number
    added_at_ms: number
    used_at_ms: number | null
    removed_at_ms: number | null
  }
  return db
    .all<Row>(
      "SELECT credential_id, operator_id, kind, public_key, label, sign_count, added_at_ms, used_at_ms, removed_at_ms FROM credentials ORDER BY added_at_ms, credential_id",
    )
    .map((row) => ({
      credentialId: row.credential_id,
      operatorId: row.operator_id,
      kind: row.kind,
      publicKey: row.public_key,
      label: row.label,
      signCount: row.sign_count,
      addedAtMs: row.added_at_ms,
      usedAtMs: row.used_at_ms ?? undefined,
      removedAtMs: row.removed_at_ms ?? undefined,
    }))
}

/** Whose credential this is, if both still count. @throws ServerError `operator_unknown` */
export function holderOf(db: Database, credentialId: Uint8Array): { readonly person: Person; readonly credential: Credential } {
  const credential = allCredentials(db).find((one) => one.removedAtMs === undefined && equal(one.credentialId, credentialId))
  const person = credential && activePeople(db).find(({ operatorId }) => operatorId === credential.operatorId)
  if (credential === undefined || person === undefined)
    throw new ServerError("operator_unknown", "This key or passkey belongs to nobody who can act here.")
  return { person, credential }
}
