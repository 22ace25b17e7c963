import assert from "node:assert/strict"
import type { IncomingMessage } from "node:http"
import { test } from "node:test"
import { WireError } from "@nodoor/wire"
import { type ClientAddress, createClientAddress } from "./client-address.ts"

const request = (remoteAddress: string, forwarded?: string, more: Record<string, string> = {}): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: { ...more, ...(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }) },
  }) as unknown as IncomingMessage

function withLines(): { readonly address: ClientAddress; readonly lines: unknown[][] } {
  const lines: unknown[][] = []
  return { address: createClientAddress(["10.0.0.1", "fd00::/8"], (...line) => void lines.push(line)), lines }
}

test("only what a trusted proxy appended says who a caller is", () => {
  const { address } = withLines()
  assert.equal(address.of(request("::ffff:192.0.2.1", "198.51.100.7")), "192.0.2.1")
  assert.equal(address.of(request("10.0.0.1", "198.51.100.7")), "198.51.100.7")
  assert.equal(address.of(request("10.0.0.1", "6.6.6.6, 198.51.100.7")), "198.51.100.7")
  assert.equal(address.of(request("fd00::2", "198.51.100.7, 10.0.0.1")), "198.51.100.7")
  assert.equal(address.of(request("10.0.0.1", "nonsense, 198.51.100.7")), "198.51.100.7", "what strangers sent before is not read")
  assert.equal(address.of(request("10.0.0.1", "fd00::7, fd00::2")), "fd00::7", "somebody beside the proxy is not the proxy")
  assert.equal(address.of(request("10.0.0.1")), "10.0.0.1")
})

test("an address with a port is read as the address, and each address has one spelling", () => {
  const { address } = withLines()
  const of = (forwarded: string): string => address.of(request("10.0.0.1", forwarded))
  assert.equal(of("203.0.113.7:51234"), "203.0.113.7")
  assert.equal(of("[2001:db8::1]:443"), "2001:db8::1")
  assert.equal(of("[2001:db8::1]"), "2001:db8::1")
  assert.equal(of("2001:DB8:0:0::0001"), "2001:db8::1")
  assert.equal(of("::ffff:203.0.113.7"), "203.0.113.7")
  assert.equal(of("[::ffff:cb00:7107]:1"), "203.0.113.7")
})

test("what a trusted proxy says and cannot be read is refused with a line in the log, and never counts as the proxy's own request", () => {
  const { address, lines } = withLines()
  const bad = ["", " ", "203.0.113.7,", "unknown", "_hidden", "203.0.113.7:", "203.0.113.7:123456", "[203.0.113.7]:1", "2001:db8::1]:443"]
  for (const forwarded of [...bad, "fe80::1%eth0", "chat.example.org", "203.0.113.256", "127.1", "0x7f.0.0.1", "nonsense"]) {
    assert.throws(
      () => address.of(request("10.0.0.1", forwarded)),
      (error) => error instanceof WireError && error.code === "proxy_unreadable",
      JSON.stringify(forwarded),
    )
  }
  assert.throws(() => address.of(request("10.0.0.1", undefined, { via: "1.1 proxy" })), /caller address/)
  assert.deepEqual(lines, [["warn", "forwarded_for_unreadable"]], "once a minute, and without any address")
})

test("a request with marks of a proxy was forwarded, whether the proxy is trusted or not", () => {
  const { address } = withLines()
  assert.ok(address.forwarded(request("127.0.0.1", "1.2.3.4")))
  assert.ok(address.forwarded(request("10.0.0.1", "1.2.3.4")))
  assert.ok(address.forwarded(request("127.0.0.1", undefined, { forwarded: "for=1.2.3.4" })))
  assert.ok(!address.forwarded(request("127.0.0.1")))
})
