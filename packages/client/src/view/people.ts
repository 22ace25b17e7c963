// People as columns of a query: what they are called, and what their account is now.

import { toHex } from "@nodoor/bytes"
import type { AccountId, VerifiedAccountState } from "@nodoor/keylog"
import { likeness } from "@nodoor/wire"
import type { Row } from "../core/ports.ts"
import { type ContactRow, contactFromRow } from "../store/trust/contacts.ts"
import { nameToShow } from "../trust/name/called.ts"
import type { ContactView } from "./contact-view.ts"
import type { ViewParts } from "./view-parts.ts"

/** The row of this device, which every query here can name. */
export const ownAccount = "(SELECT account_id FROM device WHERE id = 1)"
export const ownName = "(SELECT name FROM device WHERE id = 1) AS own_name"

/** What a person is called, from table `contact` under the alias `at`; the columns begin with `as`. */
export function nameColumns(at: string, as: string): string {
  return `${at}.name AS ${as}_name, ${at}.mark AS ${as}_mark, ${at}.alike AS ${as}_alike,
    (SELECT handle FROM log_handle WHERE account_id = ${at}.account_id) AS ${as}_handle,
    EXISTS (SELECT 1 FROM contact namesake WHERE namesake.alike = ${at}.alike AND namesake.account_id != ${at}.account_id) AS ${as}_namesake`
}

/** The name in columns of `nameColumns`; '' for somebody who is no contact. `own_name` must be among the columns. */
export function nameIn(row: Row, as: string): string {
  const mark = row[`${as}_mark`]
  if (typeof mark !== "string") return ""
  const handle = row[`${as}_handle`]
  const contact = { name: String(row[`${as}_name`]), mark, handle: typeof handle === "string" ? handle : undefined }
  return nameToShow(contact, () => row[`${as}_namesake`] === 1 || likenessOf(String(row["own_name"])) === row[`${as}_alike`])
}

let lastLikeness: { readonly name: string; readonly likeness: string } | undefined

/** Of the own name, which is the same for all rows. */
function likenessOf(name: string): string {
  if (lastLikeness?.name !== name) lastLikeness = { name, likeness: likeness(name) }
  return lastLikeness.likeness
}

/** A contact with everything that a `ContactView` is made of, from table `contact` under the alias `p`. */
export const contactColumns: string = `p.account_id, p.name, p.mark, p.accepted, p.blocked, p.first_resets, p.verified_ms, p.verified_resets, p.change_ms, p.change_kind,
  ${nameColumns("p", "p")}, pa.version AS account_version, pa.state AS account_state, pe.version AS ended_version`
export const contactJoins = `LEFT JOIN account_state pa ON pa.account_id = p.account_id AND pa.version = (SELECT MAX(version) FROM account_state WHERE account_id = p.account_id)
  LEFT JOIN account_ended pe ON pe.account_id = p.account_id`

/** From a row with `contactColumns` and `own_name`. */
export function contactViewFrom({ own, decoded }: ViewParts, row: Row): ContactView {
  const contact = contactFromRow({ ...row, handle: row["p_handle"] ?? null })
  const account = decoded.account(contact.accountId, row["account_version"], row["account_state"])
  const ended = account?.kind === "tombstone" ? "proven" : typeof row["ended_version"] === "number" ? "unproven" : undefined
  return {
    accountId: toHex(contact.accountId),
    handle: contact.handle,
    mark: contact.mark,
    origin: own.origin,
    name: nameIn(row, "p"),
    verified: isVerified(contact, account),
    blocked: contact.blocked,
    ...(ended && { ended }),
    deviceCount: ended ? 0 : (account?.state.devices.length ?? 0),
    identityChange:
      contact.changeMs === undefined
        ? undefined
        : { atMs: contact.changeMs, kind: contact.changeKind ?? "changed", wasVerified: contact.verifiedMs !== undefined },
  }
}

/** A verification holds for the identity that was verified: a reset ends it, a new device does not. */
function isVerified(contact: ContactRow, account: VerifiedAccountState | undefined): boolean {
  return contact.verifiedMs !== undefined && account !== undefined && contact.verifiedResets === account.state.resetCount
}

export function isOwn({ own }: Pick<ViewParts, "own">, accountId: Uint8Array): accountId is AccountId {
  return toHex(accountId) === toHex(own.accountId)
}
