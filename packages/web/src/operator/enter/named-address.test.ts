import assert from "node:assert/strict"
import { test } from "node:test"
import { namedAddress } from "./named-address.ts"

const at = (hostname: string, port = "8080", protocol = "http:") => ({ protocol, hostname, port, pathname: "/operator" })

test("a server with a name is linked to by it, with https unless it is this machine's own", () => {
  assert.equal(namedAddress(at("203.0.113.7"), "chat.example.org"), "https://chat.example.org/operator")
  assert.equal(namedAddress(at("203.0.113.7"), "chat.example.org:8443"), "https://chat.example.org:8443/operator")
  assert.equal(namedAddress(at("127.0.0.1"), "localhost:8080"), "http://localhost:8080/operator")
})

test("a server without a name is linked to as localhost by whoever sits at it, and by nobody else", () => {
  assert.equal(namedAddress(at("127.0.0.1"), "127.0.0.1:8080"), "http://localhost:8080/operator")
  assert.equal(namedAddress(at("[::1]", ""), "[::1]"), "http://localhost/operator")
  assert.equal(namedAddress(at("192.168.1.5"), "192.168.1.5:8080"), undefined)
})
