import assert from "node:assert/strict"
import { test } from "node:test"
import { WireError, decodeMessage, encodeMessage, uploadKeyPackages, wireFault } from "@nodoor/wire"
import { newWorld } from "../fixtures/world.ts"
import { callerOf, isLoopback, plainAddress } from "../core/address.ts"
import { createRateLimit, defaultRates } from "./rate-limit.ts"
import { random, signUp } from "../fixtures/device.ts"
import fc from "fast-check"

test("a caller may burst, then comes at its rate, and is told when; another caller is not held up", () => {
  const clock = { timeMs: 0, nowMs: () => clock.timeMs }
  const limit = createRateLimit(clock, { ...defaultRates, lookup: { burst: 3, perSecond: 2 } })
  const take = (caller = "a", cost?: number): number | undefined => {
    try {
      limit.take("lookup", caller, cost)
      return undefined
    } catch (error) {
      assert.ok(error instanceof WireError && error.code === "rate_limited")
      return error.retryAfterMs
    }
  }
  assert.deepEqual([take(), take(), take(), take()], [undefined, undefined, undefined, 500])
  assert.equal(take("b"), undefined)
  clock.timeMs += 499
  assert.equal(take(), 1)
  clock.timeMs += 1
  assert.equal(take(), undefined)
  clock.timeMs += 10_000
  assert.equal(take("a", 3), undefined)
  assert.equal(take("a"), 500)
  assert.equal(take("c", 1000), undefined, "a cost above the burst waits for a full rest, not for ever")
  clock.timeMs -= 3_600_000
  assert.ok((take("c") ?? 0) <= 2000, "a clock set back leaves nobody in debt for an hour")
})

test("a million callers do not fill the memory", () => {
  const clock = { timeMs: 1, nowMs: () => clock.timeMs }
  const limit = createRateLimit(clock, defaultRates)
  const before = process.memoryUsage().heapUsed
  for (let at = 0; at < 300_000; at++) limit.take("lookup", `caller ${at}`)
  assert.ok(process.memoryUsage().heapUsed - before < 64 * 1024 * 1024)
})

test("one IPv6 household is one caller, and an address has one spelling", () => {
  assert.equal(callerOf("2001:db8:1:2:3:4:5:6"), callerOf("2001:db8:1:2::9"))
  assert.notEqual(callerOf("2001:db8:1:2::9"), callerOf("2001:db8:1:3::9"))
  assert.equal(callerOf("::1"), "0:0:0:0::/64")
  assert.equal(callerOf("192.0.2.1"), "192.0.2.1")
  assert.equal(plainAddress("::ffff:192.0.2.1"), "192.0.2.1")
  assert.equal(plainAddress("FE80::1%eth0"), "fe80::1")
  assert.ok(isLoopback("127.0.0.2") && isLoopback("::1") && !isLoopback("192.0.2.1"))
})

test("whatever bytes come through a route, the answer is a coded refusal of the wire, and never `internal`", async () => {
  const { delivery, logged } = await newWorld()
  const paths = [
    "/v1/register",
    "/v1/session",
    "/v1/group/post",
    "/v1/group/commit",
    "/v1/group/create",
    "/v1/account/lookup",
    "/nowhere",
    "/v1/email-code",
  ]
  const valid = encodeMessage({ handle: "alice" })
  const bent = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => valid.with(at, byte))
  const nested = fc.nat(5000).map((depth) => new Uint8Array(depth + 1).fill(0x81).with(depth, 0))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.oneof(fc.uint8Array({ maxLength: 400 }), bent, nested), async (path, body) => {
      const answer = await delivery.handle(path, { address: "192.0.2.1" }, body)
      const fault = decodeMessage(wireFault, answer.body, 1024)
      assert.notEqual(answer.status, 200)
      assert.notEqual(fault.code, "internal")
    }),
    { numRuns: 400 },
  )
  assert.deepEqual(logged, [])
})

test("a body longer than its route allows is too large, and one with a field twice or one too many is a bad request", async () => {
  const { delivery } = await newWorld()
  const code = async (path: string, body: Uint8Array): Promise<string> =>
    decodeMessage(wireFault, (await delivery.handle(path, { address: "192.0.2.1" }, body)).body, 1024).code
  assert.equal(await code("/v1/server", new Uint8Array(17)), "too_large")
  assert.equal(await code("/v1/server", Uint8Array.of(0xa1, 0x61, 0x61, 0x01)), "bad_request")
  const device = random(16)
  const once = encodeMessage({ deviceId: device })
  const twice = new Uint8Array([0xa2, ...once.subarray(1), ...once.subarray(1)])
  assert.equal(await code("/v1/session/challenge", twice), "bad_request")
  assert.equal(await code("/v1/session/challenge", once.subarray(0, 9)), "bad_request")
  assert.equal(await code("/v1/session/challenge", new Uint8Array([...once, 0])), "bad_request")
})

test("a body of millions of tiny values is refused before any is made", async () => {
  const { delivery, caller, origin } = await newWorld()
  const { token } = await signUp(caller, origin, "alice")
  const body = new Uint8Array(uploadKeyPackages.maxRequestBytes).fill(0x80)
  body.set([0xa1, 0x61, 0x61, 0x9a, 0x00, 0x18, 0x00, 0x00])
  const before = process.memoryUsage().heapUsed
  const { body: answer } = await delivery.handle(uploadKeyPackages.path, { address: "192.0.2.1", token }, body)
  assert.equal(decodeMessage(wireFault, answer, 1024).code, "too_large")
  assert.ok(process.memoryUsage().heapUsed - before < 64 * 1024 * 1024)
})
