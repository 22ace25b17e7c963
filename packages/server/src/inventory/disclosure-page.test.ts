import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { disclosurePage, disclosurePageUrl } from "./disclosure-page.ts"

test("docs/disclosure.md is the one that the inventory makes: node packages/server/src/inventory/disclosure-page.ts writes it", () => {
  assert.equal(readFileSync(disclosurePageUrl, "utf8"), disclosurePage())
})

test("it names everything that is handed over, and nothing that is not stands in that part", () => {
  const part =
    disclosurePage()
      .split("\n## ")
      .find((text) => text.startsWith("What is handed over")) ?? ""
  const named = [...part.matchAll(/`accounts\.db ([a-z_.]+)`/g)].map(([, place]) => place)
  assert.deepEqual(named, [
    "accounts.account_id",
    "accounts.created_at_ms",
    "accounts.email",
    "accounts.handle",
    "accounts.holder_name",
    "accounts.last_seen_day",
    "addresses.address",
    "addresses.first_seen_ms",
    "addresses.last_seen_ms",
    "devices.device_id",
  ])
})
