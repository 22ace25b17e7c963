// An account that was started over takes its places in groups back with what an archive of it says.

import assert from "node:assert/strict"
import { test } from "node:test"
import { OperatedWorld } from "./operated-world.ts"

const columns = "group_id, chat_id, epoch, policy"

test("a device of an account that has no other takes the place of the old one, in the same chat, with what its archive holds", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const words = await world.run(alice.device.recoveryWords())
    const disk = alice.virtual.disk
    const [group] = await disk.read(`SELECT ${columns} FROM mls_group`)
    const [seat] = await disk.read("SELECT seat, secret FROM own_seat")
    const [key] = await disk.read("SELECT epoch, key FROM rejoin_key ORDER BY epoch DESC LIMIT 1")
    const [chat] = await disk.read("SELECT * FROM chat")
    assert.ok(group && seat && key && chat)
    alice.virtual.reachable = false
    const back = await world.recovered(alice, words, "carol")
    const names = Object.keys(chat)
    await back.virtual.disk.commit([
      {
        sql: `INSERT INTO archived_group (${columns}, seat, secret, rejoin_epoch, rejoin_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        values: [
          group["group_id"],
          group["chat_id"],
          group["epoch"],
          group["policy"],
          seat["seat"],
          seat["secret"],
          key["epoch"],
          key["key"],
        ] as never[],
      },
      ...[alice, bob].map(({ accountId }) => ({
        sql: "INSERT INTO archived_member (group_id, account_id) VALUES (?, ?)",
        values: [group["group_id"], accountId] as never[],
      })),
      {
        sql: `INSERT INTO chat (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
        values: names.map((name) => chat[name]) as never[],
      },
    ])
    back.virtual.kill()
    await world.run(back.virtual.start())
    await world.until("it is in", async () => (await back.virtual.disk.read("SELECT 1 AS one FROM healed")).length > 0)
    const { device } = back.virtual
    assert.ok(device)
    await world.run(device.send(chatId, { text: "the same chat" }))
    await world.until("bob has it", async () =>
      (await bob.device.messages(chatId)).messages.some(({ content }) => content.type === "text" && content.markdown === "the same chat"),
    )
    const [own] = await back.virtual.disk.read("SELECT device_id FROM device")
    const [leaf] = await bob.virtual.disk.read("SELECT device_id FROM member WHERE account_id = ?", [alice.accountId])
    assert.deepEqual(leaf?.["device_id"], own?.["device_id"])
  }))
