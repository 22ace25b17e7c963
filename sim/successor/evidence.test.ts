// What shows who broke a chat, and to whom it shows it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { ClientError } from "@nodoor/client"
import { withHostileMember } from "../hostile-member/hostile-member.ts"
import { laterMs, soonMs, withWrecker, wreck } from "./successor-scene.ts"

test("Members find the same in the evidence; changed, or about an honest commit, it proves nothing; others say that they cannot check it", () =>
  withWrecker(async ({ world, alice, bob, carol, mallory, chatId }) => {
    const dave = await world.person("dave")
    await wreck(mallory)
    await world.rest(soonMs)
    const [alarm] = await alice.device.alarms()
    const { kind, text } = await world.do(alice.device.exportEvidence(alarm?.id ?? ""))
    assert.equal(kind, "commit")
    const proven = {
      status: "proven",
      code: "removes",
      chatId,
      accountId: toHex(mallory.accountId),
      deviceId: toHex(mallory.person.deviceId),
    }
    for (const person of [alice, bob, carol]) assert.deepEqual(await world.do(person.device.checkEvidence(text)), proven, person.handle)
    assert.deepEqual(await world.do(dave.device.checkEvidence(text)), { status: "not_checked" })
    const [head = "", code = "", body = ""] = text.split("\n")
    const bytes = Buffer.from(body, "base64")
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1
    const changed = [head, code, bytes.toString("base64"), ""].join("\n")
    assert.deepEqual(await world.do(bob.device.checkEvidence(changed)), { status: "unproven", chatId })
    for (const bad of ["", "x", text.slice(1), text.slice(0, -30), `${text}more`])
      await assert.rejects(
        world.do(bob.device.checkEvidence(bad)),
        (error: unknown) => error instanceof ClientError && error.code === "invalid_input",
        bad,
      )
  }))

test("What breaks the rules by the key log is proven to whoever found it there", () =>
  withHostileMember(async ({ world, alice, bob, mallory, chatId }) => {
    await mallory.remove(bob)
    await world.rest(laterMs)
    const [alarm] = await alice.device.alarms()
    const { text } = await world.do(alice.device.exportEvidence(alarm?.id ?? ""))
    const expected = { status: "proven", code: "P9", chatId, accountId: toHex(mallory.accountId), deviceId: toHex(mallory.person.deviceId) }
    assert.deepEqual(await world.do(bob.device.checkEvidence(text)), expected)
  }))
