// The people this device knows.

import { ClientError } from "../core/client-error.ts"
import type { Row } from "../core/ports.ts"
import { knownAccounts } from "../store/trust/acquaintance.ts"
import { lookupTexts } from "../texts/en.ts"
import type { ContactView } from "./contact-view.ts"
import { contactColumns, contactJoins, contactViewFrom, ownName } from "./people.ts"
import { type ViewParts, idList } from "./view-parts.ts"

const select = `SELECT ${contactColumns}, ${ownName} FROM contact p ${contactJoins}`

/** All, by handle; who has none comes last. */
export async function listContacts(parts: ViewParts): Promise<readonly ContactView[]> {
  return await withKnown(parts, await parts.reader.read(`${select} ORDER BY p_handle IS NULL, p_handle, p.account_id`))
}

/** Those of these accounts that are contacts. */
export async function findContacts(parts: ViewParts, accountIds: Iterable<Uint8Array>): Promise<readonly ContactView[]> {
  const wanted = `${select} WHERE p.account_id IN (SELECT unhex(value) FROM json_each(?))`
  return await withKnown(parts, await parts.reader.read(wanted, idList(accountIds)))
}

/** @throws ClientError `not_found` */
export async function readContact(parts: ViewParts, accountId: Uint8Array): Promise<ContactView> {
  const [row] = await parts.reader.read(`${select} WHERE p.account_id = ?`, accountId)
  if (!row) throw new ClientError("not_found", lookupTexts.noContact)
  return contactViewFrom(parts, row)
}

async function withKnown(parts: ViewParts, rows: readonly Row[]): Promise<readonly ContactView[]> {
  const known = await knownAccounts(parts.reader)
  return rows.map((row) => {
    const contact = contactViewFrom(parts, row)
    return { ...contact, known: known.has(contact.accountId) }
  })
}
