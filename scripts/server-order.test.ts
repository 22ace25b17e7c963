// The folders of packages/server/src stand in an order. scripts/folder-directions.ts lists what each imports, and tidy.test.ts checks the list.

import assert from "node:assert/strict"
import { test } from "node:test"
import { folderDirections } from "./folder-directions.ts"

/** A folder imports only folders before it, types included. The last is the root. */
const order = [
  "core",
  "sqlite",
  "inventory",
  "accounts/store",
  "accounts/store/sqlite",
  "route",
  "token",
  "accounts",
  "delivery/store",
  "delivery/log",
  "delivery/store/sqlite",
  "delivery/pass",
  "delivery/stream",
  "delivery/blob",
  "delivery",
  "http",
  "keylog/keeper",
  "keylog",
  "config",
  "desk/store",
  "desk/people",
  "desk/cases",
  "desk/archive",
  "desk/canary",
  "desk/notices",
  "desk",
  "operator",
  "console",
  "service",
  "command",
  "",
]
/** Code for tests, which may import everything. */
const ofTests = ["fixtures", "accounts/store/contract", "delivery/store/contract"]

const nameOf = (folder: string): string => folder.replace(/^server\/?/, "")

test("a folder of the server imports only folders that stand before it, and neither accounts nor delivery imports desk, key log or console", () => {
  const wrong: string[] = []
  for (const [folder, imported] of Object.entries(folderDirections)) {
    if (!/^server(?:\/|$)/.test(folder) || ofTests.includes(nameOf(folder))) continue
    const at = order.indexOf(nameOf(folder))
    if (at === -1) wrong.push(`${folder} has no place in the order`)
    for (const other of imported) {
      const before = order.indexOf(nameOf(other))
      if (before === -1 || before >= at) wrong.push(`${folder} imports ${other}`)
    }
  }
  assert.deepEqual(wrong, [])
  assert.ok(order.indexOf("accounts") < order.indexOf("delivery"))
  assert.ok(order.indexOf("delivery") < Math.min(...["desk", "keylog", "console"].map((name) => order.indexOf(name))))
})

test("neither half of the server imports anything of the other: what one learns of the other is handed over where both are started", () => {
  const halves = [/^server\/accounts(?:\/|$)/, /^server\/delivery(?:\/|$)/] as const
  const across = Object.entries(folderDirections).flatMap(([folder, imported]) =>
    halves.flatMap((half, at) =>
      half.test(folder) ? imported.filter((other) => halves[1 - at]?.test(other)).map((other) => `${folder} imports ${other}`) : [],
    ),
  )
  assert.deepEqual(across, [])
})
