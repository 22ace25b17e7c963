// What people are called on this device. A name is what somebody says of themselves, so whenever it could be taken for another's, or for a
// word of ours, it stands with what nobody can choose: the handle that the log proved, or a mark of the account's first state.

import { toHex } from "@nodoor/bytes"
import type { VerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { imitatesUs, isolated, likeness } from "@nodoor/wire"
import { addressOf } from "../../core/address.ts"
import type { Database, Statement } from "../../core/ports.ts"
import { type ContactRow, contactFromRow, contactRows, findContact } from "../../store/trust/contacts.ts"
import type { Reader } from "../../store/reader.ts"
import { readLatestState } from "../log/log-rows.ts"

const markBytes = 6

/** Tells an account apart from all others where no handle is proven: six bytes of the hash of its first state, in hexadecimal. */
export function markOf(account: VerifiedAccountState): string {
  return toHex(account.genesisHash.slice(0, markBytes))
}

/** The name, with the address behind it if anybody could take it for another's. Whoever has no name yet is called by the address. */
export async function called(reader: Reader, contact: ContactRow): Promise<string> {
  const { name } = contact
  if (name === "") return addressOf(contact)
  return (await isConfusable(reader, contact)) ? `${isolated(name)} (${addressOf(contact)})` : name
}

/** The same for a sentence of ours. */
export async function calledInWords(reader: Reader, accountId: Uint8Array | undefined, otherwise: string): Promise<string> {
  const contact = accountId && (await findContact(reader, accountId))
  return contact ? isolated(await called(reader, contact)) : otherwise
}

async function isConfusable(reader: Reader, { accountId, name }: ContactRow): Promise<boolean> {
  if (imitatesUs(name)) return true
  const alike = likeness(name)
  const [own] = await reader.read("SELECT name FROM device WHERE id = 1")
  if (own && likeness(String(own["name"])) === alike) return true
  const others = await reader.read("SELECT 1 AS one FROM contact WHERE alike = ? AND account_id != ? LIMIT 1", alike, accountId)
  return others.length > 0
}

/** Works out what contacts of older stores lack. */
export async function completeContacts(database: Database, crypto: CryptoProvider): Promise<void> {
  const reader: Reader = { read: (sql, ...values) => database.read(sql, values) }
  const statements: Statement[] = []
  for (const row of await reader.read(`${contactRows} WHERE contact.alike IS NULL`)) {
    const { accountId, name } = contactFromRow(row)
    const account = await readLatestState(crypto, reader, accountId)
    const values = [account ? markOf(account) : toHex(accountId.slice(0, markBytes)), name === "" ? "" : likeness(name), accountId]
    statements.push({ sql: "UPDATE contact SET mark = ?, alike = ? WHERE account_id = ?", values })
  }
  if (statements.length > 0) await database.commit(statements)
}
