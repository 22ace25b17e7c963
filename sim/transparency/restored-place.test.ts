// An account that was started over takes its places in groups back with what an archive of it says.

import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, toHex } from "@nodoor/bytes"
import type { Device } from "@nodoor/client"
import { OperatedWorld, type Person } from "./operated-world.ts"

const columns = "group_id, chat_id, epoch, policy"

interface Scene {
  readonly world: OperatedWorld
  readonly alice: Person
  readonly bob: Person
  readonly chatId: string
}

interface Place {
  readonly seat: Uint8Array
  readonly secret: Uint8Array
}

/** Alice's device is gone. A new one has what an archive says of her chat with Bob, with this place. */
async function restored(
  { world, alice, bob }: Scene,
  place: (held: Place) => Place,
): Promise<{ readonly device: Device; readonly back: Person }> {
  const words = await world.run(alice.device.recoveryWords())
  const disk = alice.virtual.disk
  const [group] = await disk.read(`SELECT ${columns} FROM mls_group`)
  const [held] = await disk.read("SELECT seat, secret FROM own_seat")
  const [key] = await disk.read("SELECT epoch, key FROM rejoin_key ORDER BY epoch DESC LIMIT 1")
  const [chat] = await disk.read("SELECT * FROM chat")
  assert.ok(group && held && key && chat)
  const { seat, secret } = place({ seat: held["seat"] as Uint8Array, secret: held["secret"] as Uint8Array })
  alice.virtual.reachable = false
  const back = await world.recovered(alice, words, "carol")
  const names = Object.keys(chat)
  await back.virtual.disk.commit([
    {
      sql: `INSERT INTO archived_group (${columns}, seat, secret, rejoin_epoch, rejoin_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      values: [group["group_id"], group["chat_id"], group["epoch"], group["policy"], seat, secret, key["epoch"], key["key"]] as never[],
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
  await world.until("it runs again", async () => back.virtual.device !== undefined)
  const { device } = back.virtual
  assert.ok(device)
  return { device, back }
}

const withChat = (run: (scene: Scene) => Promise<void>): Promise<void> =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    await run({ world, alice, bob, chatId: await world.acquainted(alice, bob) })
  })

async function isHeard({ world, bob, chatId }: Scene, device: Device, text: string): Promise<void> {
  await world.run(device.send(chatId, { text }))
  await world.until("bob has it", async () =>
    (await bob.device.messages(chatId)).messages.some(({ content }) => content.type === "text" && content.markdown === text),
  )
}

test("a device of an account that has no other takes the place of the old one, in the same chat, with what its archive holds", () =>
  withChat(async (scene) => {
    const { world, alice, bob, chatId } = scene
    await world.run(bob.device.send(chatId, { text: "from bob" }))
    await world.pass(5_000)
    const { device, back } = await restored(scene, (held) => held)
    await world.until("it is in", async () => (await back.virtual.disk.read("SELECT 1 AS one FROM healed")).length > 0)
    await isHeard(scene, device, "the same chat")
    const [own] = await back.virtual.disk.read("SELECT device_id FROM device")
    const [leaf] = await bob.virtual.disk.read("SELECT device_id FROM member WHERE account_id = ?", [alice.accountId])
    assert.deepEqual(leaf?.["device_id"], own?.["device_id"])
    // Bob is asked what he had written before, and answers when he has acknowledged that the account was started over. What the old device wrote is
    // nowhere else, so the chat goes on saying that something is missing.
    const fromBob = async (): Promise<string | undefined> =>
      (await device.messages(chatId)).messages.find(({ content }) => content.type === "text" && content.markdown === "from bob")?.sender
        .accountId
    await world.pass(30_000)
    assert.equal(await fromBob(), undefined)
    await world.run(bob.device.acknowledgeIdentity(toHex(alice.accountId)))
    await world.pass(90_000_000)
    assert.equal(await fromBob(), toHex(bob.accountId))
    const { messages } = await device.messages(chatId)
    assert.ok(messages.some(({ content }) => content.type === "event" && content.event.kind === "missed" && content.event.why === "copy"))
  }))

test("an archive from before the old device had a seat of its own holds both secrets, and either opens the place", () =>
  withChat(async (scene) => {
    const { world } = scene
    const { device, back } = await restored(scene, ({ seat, secret }) => ({ seat, secret: concat(new Uint8Array(32).fill(7), secret) }))
    await world.until("it is in", async () => (await back.virtual.disk.read("SELECT 1 AS one FROM healed")).length > 0)
    await isHeard(scene, device, "the same chat")
  }))

test("a device whose old place is gone asks no more after a day, and its chat says so", () =>
  withChat(async (scene) => {
    const { world } = scene
    const { back } = await restored(scene, ({ secret }) => ({ seat: new Uint8Array(16).fill(9), secret }))
    const { disk } = back.virtual
    const heals = async (): Promise<boolean> => (await disk.read("SELECT 1 AS one FROM healing")).length > 0
    const stateOf = async (): Promise<unknown> => (await disk.read("SELECT state FROM chat"))[0]?.["state"]
    await world.pass(60_000)
    assert.deepEqual([await heals(), await stateOf()], [true, "active"])
    await world.pass(90_000_000)
    assert.deepEqual([await heals(), await stateOf()], [false, "left"])
    const lines = await disk.read("SELECT text FROM part WHERE kind = 'event'")
    assert.ok(lines.some((row) => String(row["text"]).includes("place_lost")))
    assert.equal((await disk.read("SELECT 1 AS one FROM archived_group")).length, 0)
  }))
