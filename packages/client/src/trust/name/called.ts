// What people are called on this device. Everybody chooses their own name. If it could be mistaken for another person's, or for a word of
// the interface, it is shown with something that nobody can choose: the handle that the log proved, or a mark of the account's first state.

import { toHex } from "@nodoor/bytes"
import type { VerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { imitatesUs, isolated, likeness } from "@nodoor/wire"
import { addressOf } from "../../core/address.ts"
import type { Database } from "../../core/ports.ts"
import { type ContactRow, completeContact, findContact, hasLikeName, listContactsToComplete } from "../../store/trust/contacts.ts"
import type { Reader } from "../../store/reader.ts"
import { Transactions } from "../../core/transaction.ts"
import { findOwnName } from "../../store/device.ts"
import { findLatestState } from "../../store/trust/account-states.ts"

const markBytes = 6

/** Tells an account apart from all others where no handle is proven: six bytes of the hash of its first state, in hexadecimal. */
export function markOf(account: VerifiedAccountState): string {
  return toHex(account.genesisHash.slice(0, markBytes))
}

/** The name, with the address behind it if anybody could take it for another's. A contact without a name is called by the address. */
export async function called(reader: Reader, contact: ContactRow): Promise<string> {
  const isAnothers = contact.name !== "" && (await isLikeAnothers(reader, contact))
  return nameToShow(contact, () => isAnothers)
}

/** The same where it was looked up already whether the name is like that of somebody else here, or like the own one. */
export function nameToShow(contact: Pick<ContactRow, "name" | "handle" | "mark">, isLikeAnothers: () => boolean): string {
  const { name } = contact
  if (name === "") return addressOf(contact)
  return imitatesUs(name) || isLikeAnothers() ? `${isolated(name)} (${addressOf(contact)})` : name
}

/** The same for a sentence of ours. */
export async function calledInWords(reader: Reader, accountId: Uint8Array | undefined, otherwise: string): Promise<string> {
  const contact = accountId && (await findContact(reader, accountId))
  return contact ? isolated(await called(reader, contact)) : otherwise
}

async function isLikeAnothers(reader: Reader, { accountId, name }: ContactRow): Promise<boolean> {
  const alike = likeness(name)
  const ownName = await findOwnName(reader)
  if (ownName !== undefined && likeness(ownName) === alike) return true
  return await hasLikeName(reader, alike, { except: accountId })
}

/** Works out what contacts of older stores lack. */
export async function completeContacts(database: Database, crypto: CryptoProvider): Promise<void> {
  await new Transactions(database).run(async (tx) => {
    for (const { accountId, name } of await listContactsToComplete(tx)) {
      const account = await findLatestState(crypto, tx, accountId)
      const mark = account ? markOf(account) : toHex(accountId.slice(0, markBytes))
      completeContact(tx, accountId, { mark, alike: name === "" ? "" : likeness(name) })
    }
  })
}
