import assert from "node:assert/strict"
import { test } from "node:test"
import { newAccount } from "../../../fixtures/store-input.ts"
import { accountRow, addressesMax, noteSeen, registerAccount } from "./accounts.ts"
import { openDatabase } from "../../../sqlite/database.ts"

test("of one account the newest addresses are kept and no more, whatever network it signs in from; another's are not touched", () => {
  const db = openDatabase(":memory:")
  const [mallory, bob] = [newAccount("mallory"), newAccount("bob")]
  for (const account of [mallory, bob]) registerAccount(db, account)
  const { accountId } = mallory
  const count = (): number => db.get<{ n: number }>("SELECT count(*) AS n FROM addresses WHERE account_id = ?", accountId)?.n ?? 0
  db.run("DELETE FROM addresses WHERE account_id = ?", accountId)
  db.run(
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) INSERT INTO addresses SELECT ?, '2001:db8::' || i, i, i FROM n",
    addressesMax - 1,
    accountId,
  )
  const noted = (addressesMs: number, address: string): void =>
    noteSeen(db, { seen: [{ accountId, periodMs: addressesMs, addresses: [address], addressesMs }] })
  noted(addressesMax, "192.0.2.1")
  assert.equal(count(), addressesMax)
  noted(addressesMax + 1, "192.0.2.1")
  assert.equal(count(), addressesMax, "one that is known pushes nothing out")
  noted(addressesMax + 2, "192.0.2.2")
  assert.ok(count() <= addressesMax && count() > 0.9 * addressesMax)
  const kept = accountRow(db, { accountId })?.addresses ?? []
  assert.equal(kept.length, count())
  assert.deepEqual(
    kept.slice(0, 3).map(({ address }) => address),
    ["192.0.2.2", "192.0.2.1", `2001:db8::${addressesMax - 2}`],
  )
  assert.equal(accountRow(db, { accountId: bob.accountId })?.addresses.length, 1)
  db.close()
})
