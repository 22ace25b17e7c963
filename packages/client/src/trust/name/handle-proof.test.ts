import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes } from "@nodoor/bytes"
import {
  type AccountId,
  KeylogError,
  type Lookup,
  type VerifiedSearch,
  accountLabel,
  decodeHandleBinding,
  handleLabel,
  signHandleBinding,
} from "@nodoor/keylog"
import { genesis, nodeLogCrypto as crypto, testDevice, testOrigin } from "@nodoor/keylog/fixtures"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { findContact } from "../../store/trust/contacts.ts"
import { migrate } from "../../store/schema.ts"
import { Transactions } from "../../core/transaction.ts"
import { type AskedHandle, takeHandles } from "./handle-proof.ts"

const account = (name: string, fill: number) => genesis([name], { accountId: bytes<"AccountId">(new Uint8Array(16).fill(fill)) })
const [bob, mallory] = [account("bob", 1), account("mallory", 2)]
const bobId = bob.state.accountId
const malloryId = mallory.state.accountId

function bound(handle: string, to: typeof bob, name: string): Lookup {
  const { deviceId, privateKey } = testDevice(name)
  const { accountId } = to.state
  const encoded = signHandleBinding(crypto, { origin: testOrigin, handle, accountId, genesisHash: to.genesisHash, deviceId }, privateKey)
  return { status: "handle", label: handleLabel(handle), version: 0, binding: decodeHandleBinding(encoded), encoded }
}
const living = (found: typeof bob): Lookup => ({ status: "account", label: accountLabel(found.state.accountId), account: found, chain: [] })
const absent = (handle: string): Lookup => ({ status: "absent", label: handleLabel(handle) })

async function device() {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const contact =
    "INSERT INTO contact (account_id, mark, name, alike, accepted, blocked, first_resets, checked_ms) VALUES (?, '', '', '', 0, 0, 0, 0)"
  await database.commit([bobId, malloryId].map((id) => ({ sql: contact, values: [id] })))
  return {
    take: (lookups: readonly Lookup[], ...asked: AskedHandle[]) =>
      transactions.run((tx) => takeHandles(tx, { lookups } as unknown as VerifiedSearch, asked)),
    handle: async (accountId: AccountId) =>
      (await findContact({ read: (sql, ...values) => database.read(sql, values) }, accountId))?.handle,
  }
}
const refuses = (code: string, work: Promise<void>): Promise<void> =>
  assert.rejects(work, (error) => error instanceof KeylogError && error.code === code)

test("A contact has a handle when the log has bound it to that account, and none before", async () => {
  const { take, handle } = await device()
  assert.equal(await handle(bobId), undefined)
  await take([bound("bob", bob, "bob"), living(bob)], { handle: "bob", accountId: bobId, claimed: true })
  assert.equal(await handle(bobId), "bob")
  assert.equal(await handle(malloryId), undefined)
})

test("What the server says of a handle is refused when the log binds it to another account, or to nobody", async () => {
  const { take, handle } = await device()
  const claim = { handle: "bob", accountId: malloryId, claimed: true }
  await refuses("handle_claim", take([bound("bob", bob, "bob"), living(bob), living(mallory)], claim))
  await refuses("handle_claim", take([absent("bob"), living(mallory)], claim))
  // An account that is not in the log yet has no handle there either.
  await take([absent("bob"), { status: "absent", label: accountLabel(malloryId) }], claim)
  assert.equal(await handle(malloryId), undefined)
})

test("A handle stays with its account, and an account with its handle, however well another binding is signed", async () => {
  const { take, handle } = await device()
  await take([bound("bob", bob, "bob"), living(bob)], { handle: "bob", accountId: undefined, claimed: false })
  const remapped = [bound("bob", mallory, "mallory"), living(mallory)]
  await refuses("handle_account", take(remapped, { handle: "bob", accountId: bobId, claimed: false }))
  await refuses(
    "handle_account",
    take([bound("robert", bob, "bob"), living(bob)], { handle: "robert", accountId: undefined, claimed: false }),
  )
  assert.deepEqual([await handle(bobId), await handle(malloryId)], ["bob", undefined])
})
