import assert from "node:assert/strict"
import { test } from "node:test"
import { WireError } from "@nodoor/wire"
import type { DeliveryCode, OpenItem } from "@nodoor/wire/delivery"
import { NetworkError } from "../core/client-error.ts"
import { readingWorld, seatOf } from "./fixtures/reading-world.ts"

test("A suspended account is asked for every quarter of an hour without a flicker, and goes on by itself; an erased one is asked for no more", async () => {
  let refusal: "account_suspended" | undefined
  let signIns = 0
  const token = async (): Promise<Uint8Array> => {
    signIns++
    if (refusal) throw new WireError(refusal)
    return new Uint8Array()
  }
  const world = await readingWorld({ seats: [], soonMs: 0, parts: { session: { token, forget: () => {} } } })
  const codes = (): string[] => world.statuses.map((each) => (each.status === "refused" ? each.code : each.status))
  await world.answer()
  await world.until(() => world.reading.status.status === "online")
  assert.equal(signIns, 0, "reading names nobody")

  refusal = "account_suspended"
  world.reading.keptOut(refusal)
  for (let again = 1; again <= 2; again++) {
    assert.deepEqual(
      world.due.map(({ afterMs }) => afterMs),
      [15 * 60_000],
    )
    world.due[0]?.run()
    await world.until(() => signIns === again)
    await world.rest()
  }
  assert.deepEqual(codes(), ["connecting", "online", "account_suspended", "account_suspended", "account_suspended"])
  const { status } = world.reading
  assert.match(status.status === "refused" ? status.message : "", /suspended your account/)

  refusal = undefined
  world.due[0]?.run()
  await world.until(() => world.opened() === 2)
  await world.answer()
  await world.until(() => world.reading.status.status === "online")
  world.reading.keptOut("account_erased")
  assert.deepEqual(codes().slice(-3), ["connecting", "online", "account_erased"])
  assert.deepEqual(world.due, [])
  world.reading.close()
})

test("A connection that is doubted answers within two seconds or is given up, and one that is missing is made at once", async () => {
  const world = await readingWorld({ seats: [], soonMs: 0 })
  await world.answer()
  await world.until(() => world.reading.status.status === "online")
  const waits = (): readonly number[] => world.due.map(({ afterMs }) => afterMs)

  world.reading.look()
  assert.deepEqual([world.asked.at(-1), waits()], [{ type: "ping" }, [2_000]])
  world.say({ type: "pong" })
  assert.deepEqual(waits(), [30_000], "it answered")

  world.reading.look()
  const [deadline] = world.due
  world.reading.look()
  assert.equal(world.due[0], deadline, "asked again, it gets no more time")
  deadline?.run()
  assert.equal(world.reading.status.status, "offline")

  assert.equal(world.opened(), 1)
  world.reading.look()
  world.reading.look()
  await world.until(() => world.opened() === 2)
  await world.answer()
  await world.until(() => world.reading.status.status === "online")
  assert.deepEqual(
    world.statuses.map(({ status }) => status),
    ["connecting", "online", "offline", "connecting", "online"],
  )
  world.reading.look()
  assert.deepEqual(waits(), [2_000], "the doubt about the one before is over")
  world.reading.close()
})

test("What the server does not accept for opening is not shown again; a pass it hands over is", async () => {
  const refused: DeliveryCode[] = []
  const passes: Uint8Array[] = []
  const open: OpenItem = { type: "open", with: "token", data: new Uint8Array(354) }
  const parts = {
    passes: {
      take: async () => open,
      opened: ({ pass }: { readonly pass: Uint8Array }) => void passes.push(pass),
      refused: (code: DeliveryCode) => void refused.push(code),
    },
  }
  const world = await readingWorld({ seats: [seatOf(1)], parts })
  for (const code of ["token_spent", "slow_reader"] as const) {
    const stream = world.opened()
    await world.until(() => world.asked.length === 1)
    assert.deepEqual(world.asked, [open])
    world.say({ type: "closed", code, message: "" })
    await world.until(() => world.opened() > stream)
  }
  assert.deepEqual(refused, ["token_spent"])
  await world.answer()
  await world.until(() => world.reading.status.status === "online")
  assert.deepEqual(passes, [Uint8Array.of(1)])
})

test("Without anything to open it with, it is tried again later", async () => {
  let tries = 0
  const take = async (): Promise<OpenItem> => {
    if (tries++ < 2) throw new NetworkError("no answer", { maybeDone: false })
    return { type: "open", with: "pass", data: Uint8Array.of(1) }
  }
  const world = await readingWorld({ seats: [], parts: { passes: { take, opened: () => {}, refused: () => {} } } })
  await world.answer()
  await world.until(() => world.reading.status.status === "online")
  assert.equal(tries, 3)
  assert.deepEqual(world.faults, [])
})
