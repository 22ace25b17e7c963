// Links for enrolling a passkey. The code is in the part of the address that browsers never send; the desk keeps its hash.

import { toBase64Url, toUtf8 } from "@nodoor/bytes"
import { type OperatorRole, operatorLimits } from "@nodoor/wire/operator"
import { sha256 } from "../../core/crypto.ts"
import type { Clock, Random } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import { relyingPartyOf } from "./passkey-proof.ts"
import { activePeople, allPeople } from "./person.ts"

export interface EnrolmentPorts {
  readonly db: Database
  readonly clock: Clock
  readonly random: Random
  /** `host` or `host:port` of the console. */
  readonly consoleOrigin: string
}

export interface Enrolment {
  readonly name: string
  readonly role: OperatorRole
  /** It replaces every key and passkey that the person has. */
  readonly recovery: boolean
  /** Who vouches; undefined for a link from the machine's command line. */
  readonly inviter: string | undefined
}

export interface Link {
  readonly link: string
  readonly usableAtMs: number
  readonly expiresAtMs: number
}

/** How long a recovery waits, so that the others see it and can stop it. */
export const recoveryWaitMs: number = 72 * 3_600_000

/** Links that wait at once: as many as the console's answer holds. */
const linksMax = 64

/** For whom a link is, if it still holds. @throws ServerError `enrolment_invalid` */
export function enrolmentOf({ db, clock }: EnrolmentPorts, code: string): Enrolment {
  type Row = { name: string; role: OperatorRole; recovery: number; usable_at_ms: number; invited_by: number | null }
  const row = db.get<Row>(
    "SELECT name, role, recovery, usable_at_ms, invited_by FROM enrolments WHERE code_hash = ? AND expires_at_ms > ?",
    codeHash(code),
    clock.nowMs(),
  )
  if (row === undefined) throw invalid("The link is unknown, expired or already used. Ask for a new one.")
  if (row.usable_at_ms > clock.nowMs()) throw invalid(`The link works from ${new Date(row.usable_at_ms).toISOString()} on.`)
  const existing = allPeople(db).find(({ name }) => name === row.name)
  const inviter = activePeople(db).find(({ operatorId }) => operatorId === row.invited_by)
  if (existing?.removedAtMs !== undefined) throw invalid("This person was removed and can't come back under this name.")
  if (existing === undefined && row.invited_by === null && allPeople(db).length >= 2)
    throw invalid("There are two people here by now. One of them must make the link.")
  if (existing === undefined && row.invited_by !== null && inviter?.role !== "owner")
    throw invalid("The person who made the link can no longer do so. Ask for a new one.")
  if (existing !== undefined && row.recovery === 0 && row.invited_by !== existing.operatorId)
    throw invalid("The link is for somebody who is already here.")
  return { name: row.name, role: existing?.role ?? row.role, recovery: row.recovery === 1, inviter: inviter?.name }
}

/** Inside a transaction: uses up the link. @throws ServerError `enrolment_invalid` */
export function useUp(ports: EnrolmentPorts, code: string): Enrolment {
  const enrolment = enrolmentOf(ports, code)
  ports.db.run("DELETE FROM enrolments WHERE code_hash = ?", codeHash(code))
  return enrolment
}

/** Inside a transaction. It replaces the link before for that name. @throws ServerError `desk_refused` */
export function makeLink(
  ports: EnrolmentPorts,
  { name, role, invitedBy, recovery }: Omit<Enrolment, "inviter"> & { readonly invitedBy: number | undefined },
): Link {
  const { db, clock, random, consoleOrigin } = ports
  const party = relyingPartyOf(consoleOrigin)
  if (/^[\d.]+$|^\[/.test(party.id))
    throw refused("Passkeys need a host name, not an IP address. Set the server's origin to a name, such as localhost.")
  forgetOldLinks(ports)
  if (waitingLinks(ports).filter((link) => link.name !== name).length >= linksMax)
    throw refused(`There are already ${linksMax} unused links. Wait until some of them expire.`)
  const code = toBase64Url(random(32))
  const usableAtMs = clock.nowMs() + (recovery ? recoveryWaitMs : 0)
  const expiresAtMs = usableAtMs + operatorLimits.enrolmentMs
  db.run(
    "INSERT OR REPLACE INTO enrolments (code_hash, name, role, invited_by, recovery, usable_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
    codeHash(code),
    name,
    role,
    invitedBy ?? null,
    recovery ? 1 : 0,
    usableAtMs,
    expiresAtMs,
  )
  return { link: `${party.origin}/operator#enrol=${code}`, usableAtMs, expiresAtMs }
}

/** Those that nobody has used yet, in the order in which they end. */
export function waitingLinks({ db, clock }: EnrolmentPorts): readonly {
  readonly name: string
  readonly role: OperatorRole
  readonly recovery: boolean
  readonly usableAtMs: number
  readonly expiresAtMs: number
}[] {
  type Row = { name: string; role: OperatorRole; recovery: number; usable_at_ms: number; expires_at_ms: number }
  return db
    .all<Row>(
      "SELECT name, role, recovery, usable_at_ms, expires_at_ms FROM enrolments WHERE expires_at_ms > ? ORDER BY expires_at_ms, name",
      clock.nowMs(),
    )
    .map((row) => ({
      name: row.name,
      role: row.role,
      recovery: row.recovery === 1,
      usableAtMs: row.usable_at_ms,
      expiresAtMs: row.expires_at_ms,
    }))
}

export function forgetOldLinks({ db, clock }: EnrolmentPorts): void {
  db.run("DELETE FROM enrolments WHERE expires_at_ms <= ?", clock.nowMs())
}

/** SHA-256 of the code as text: of whatever was sent, so that nothing needs to be decoded before. */
function codeHash(code: string): Uint8Array {
  return sha256(toUtf8(code))
}

function invalid(message: string): ServerError {
  return new ServerError("enrolment_invalid", message)
}

function refused(message: string): ServerError {
  return new ServerError("desk_refused", message)
}
