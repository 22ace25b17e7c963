import assert from "node:assert/strict"
import { EventEmitter } from "node:events"
import type { Server } from "node:http"
import { test } from "node:test"
import { limitConnections } from "./connection-limit.ts"

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string
  destroyed = false
  constructor(remoteAddress: string) {
    super()
    this.remoteAddress = remoteAddress
  }
  destroy(): void {
    this.destroyed = true
  }
}

test("one caller opens so many connections and no more; others, proxies and this machine are not counted; a closed one makes room", () => {
  const server = new EventEmitter()
  limitConnections(server as Server, (address) => address === "10.0.0.1", 2)
  const open = (address: string): FakeSocket => {
    const socket = new FakeSocket(address)
    server.emit("connection", socket)
    return socket
  }
  const [first, second, third] = [open("2001:db8::1"), open("2001:db8::2"), open("2001:db8::3")]
  assert.deepEqual([first.destroyed, second.destroyed, third.destroyed], [false, false, true])
  for (const address of ["::ffff:10.0.0.1", "127.0.0.1"]) for (let at = 0; at < 3; at++) assert.ok(!open(address).destroyed)
  assert.ok(!open("2001:db8:0:1::1").destroyed)
  first.emit("close")
  assert.ok(!open("2001:db8::4").destroyed)
  assert.ok(open("2001:db8::5").destroyed)
})
