import assert from "node:assert/strict"
import type { IncomingMessage } from "node:http"
import { test } from "node:test"
import { createClientAddress } from "./client-address.ts"

const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } }) as unknown as IncomingMessage

test("only what a trusted proxy appended says who a caller is", () => {
  const address = createClientAddress(["10.0.0.1", "fd00::/8"])
  assert.equal(address.of(request("::ffff:192.0.2.1", "198.51.100.7")), "192.0.2.1")
  assert.equal(address.of(request("10.0.0.1", "198.51.100.7")), "198.51.100.7")
  assert.equal(address.of(request("10.0.0.1", "6.6.6.6, 198.51.100.7")), "198.51.100.7")
  assert.equal(address.of(request("fd00::2", "198.51.100.7, 10.0.0.1")), "198.51.100.7")
  assert.equal(address.of(request("10.0.0.1", "nonsense")), "10.0.0.1")
  assert.equal(address.of(request("10.0.0.1")), "10.0.0.1")
  assert.ok(address.unknownProxy(request("127.0.0.1", "1.2.3.4")))
  assert.ok(!address.unknownProxy(request("10.0.0.1", "1.2.3.4")))
})
