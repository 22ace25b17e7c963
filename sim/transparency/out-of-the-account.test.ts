// What a device is told of the log that is out of its account, or whose account has ended: that, and not that the log could not be checked.

import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeMessage, logSearch } from "@nodoor/wire"
import { OperatedWorld, type Person } from "./operated-world.ts"

const hourMs = 3_600_000

const warnings = async (world: OperatedWorld, person: Person): Promise<readonly string[]> => [
  ...(await world.alarms(person, "warn")),
  ...(await world.alarms(person, "red")),
]

test("when an account has ended, neither its devices nor those who know it are told hours later that the log could not be checked", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const second = await world.linked(alice, "carol")
    await world.pass(60_000)
    await world.run(alice.device.deleteAccount())
    await world.pass(5 * hourMs)
    for (const person of [alice, second, bob]) assert.deepEqual(await warnings(world, person), [], person.virtual.handle)
    assert.equal((await bob.device.chat(chatId)).peer?.ended, "proven")
  }))

test("a device that was removed from its account is told that, once, and nothing of the log", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const second = await world.linked(alice, "carol")
    await world.pass(60_000)
    const { deviceId } = await second.device.account()
    await world.run(alice.device.removeOwnDevice(deviceId))
    await world.pass(5 * hourMs)
    assert.deepEqual(await warnings(world, second), ["own_device_removed"])
  }))

test("a device that the server only says it does not know is told after an hour that the log could not be checked", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    await world.acquainted(alice, bob)
    world.hand = async (path, caller, _body, honest) => {
      if (caller.address !== alice.address || path === logSearch.path) return await honest()
      return { status: 401, body: encodeMessage({ code: "unauthorized", message: "" }) }
    }
    await world.pass(5 * hourMs)
    assert.ok((await warnings(world, alice)).includes("log_unavailable"))
  }))
