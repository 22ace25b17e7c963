import assert from "node:assert/strict"
import { test } from "node:test"
import { isAddress, passkeyObstacle } from "./passkeys.ts"

test("an IP address is told from a name, however much it looks like one", () => {
  for (const address of ["127.0.0.1", "203.0.113.7", "[::1]", "[2001:db8::1]"]) assert.ok(isAddress(address), address)
  for (const name of ["localhost", "chat.example.org", "1.2.3.4.example.org", "4chat", "127-0-0-1.example"])
    assert.ok(!isAddress(name), name)
})

test("what stands in the way of passkeys is said by its cause: the address before the connection, the connection before the browser", () => {
  const here = { hostname: "chat.example.org", secure: true, supported: true }
  assert.equal(passkeyObstacle(here), undefined)
  assert.equal(passkeyObstacle({ ...here, supported: false }), "unsupported")
  assert.equal(passkeyObstacle({ ...here, supported: false, secure: false }), "insecure")
  assert.equal(passkeyObstacle({ hostname: "127.0.0.1", supported: false, secure: false }), "address")
})
