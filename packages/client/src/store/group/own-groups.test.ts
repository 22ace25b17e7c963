import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex } from "@nodoor/bytes"
import type { Policy } from "../../core/policy.ts"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { insertChat } from "../chat/chats.ts"
import { migrate } from "../schema.ts"
import { insertGroup } from "./groups.ts"
import { listGroupsWithout } from "./own-groups.ts"
import type { Predecessor } from "./predecessor.ts"

const policy: Policy = {
  kind: "group",
  name: "g",
  picture: undefined,
  roles: [],
  rules: { add: "admins", rename: "admins", post: "everyone" },
  expiryS: undefined,
}
const accountId = bytes<"AccountId">(new Uint8Array(16).fill(1))
const [phone, laptop] = [2, 3].map((fill) => bytes<"DeviceId">(new Uint8Array(16).fill(fill))) as [
  Predecessor["deviceId"],
  Predecessor["deviceId"],
]

test("A device of this account that broke a group is not missing from those that follow it; its other devices are", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const past: Predecessor = { groupId: new Uint8Array(32), epoch: 1, commitHash: new Uint8Array(32), accountId, deviceId: phone }
  const missing = await new Transactions(database).run(async (tx) => {
    for (const [fill, predecessors] of [
      [7, []],
      [8, [past]],
    ] as const) {
      const groupId = new Uint8Array(32).fill(fill)
      insertChat(tx, { chatId: groupId, kind: "group", state: "active", groupId, peer: undefined, activityMs: 0 })
      insertGroup(tx, { groupId, chatId: groupId, epoch: 1, policy, predecessors, order: 1, profileDue: 0 })
    }
    return await listGroupsWithout(tx, accountId, [phone, laptop])
  })
  const named = missing.map(({ groupId, deviceId }) => `${groupId[0]} ${toHex(deviceId).slice(0, 2)}`)
  assert.deepEqual(named.toSorted(), ["7 02", "7 03", "8 03"])
})
