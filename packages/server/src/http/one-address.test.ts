import assert from "node:assert/strict"
import { test } from "node:test"
import { otherAddress } from "./one-address.ts"

test("a page under another name of one's own machine leads to the one address, path and all", () => {
  for (const host of ["127.0.0.1:8080", "[::1]:8080", "127.0.0.9:8080"])
    assert.equal(otherAddress("localhost:8080", host, "/i/abc?x=1"), "http://localhost:8080/i/abc?x=1")
  assert.equal(otherAddress("127.0.0.1:8080", "localhost:8080", "/@alice"), "http://127.0.0.1:8080/@alice")
  assert.equal(otherAddress("localhost:8080", "127.0.0.1:8080", "//evil.example/"), "http://localhost:8080/evil.example/")
})

test("nobody is led anywhere else: not from the right address, another port or a name of the network", () => {
  for (const host of ["localhost:8080", undefined, "127.0.0.1:9999", "127.0.0.1", "chat.example.org", "chat.example.org:8080", ""])
    assert.equal(otherAddress("localhost:8080", host, "/"), undefined)
  assert.equal(otherAddress("chat.example.org", "127.0.0.1:8080", "/"), undefined, "a proxy's health check")
})
