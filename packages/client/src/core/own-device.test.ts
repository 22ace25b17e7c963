import assert from "node:assert/strict"
import { test } from "node:test"
import type { ServerInfo } from "@nodoor/wire"
import { streamUrl } from "./own-device.ts"

test("Streams go to the names that the operator gave them, with the scheme of the server; without one, or with nonsense, to the server", () => {
  const of = (server: Partial<ServerInfo>, serverUrl = "https://chat.example") => ({ serverUrl, server: server as ServerInfo })
  const names = { readHost: "read.example", postHost: "post.example:8443" }
  assert.equal(streamUrl(of(names), "reading"), "https://read.example")
  assert.equal(streamUrl(of(names), "posting"), "https://post.example:8443")
  assert.equal(streamUrl(of({ readHost: "read.example" }), "posting"), "https://chat.example")
  assert.equal(streamUrl(of({ readHost: "read.localhost:1" }, "http://localhost:1"), "reading"), "http://read.localhost:1")
  for (const readHost of ["", "a b", "[", "x:99999"]) assert.equal(streamUrl(of({ readHost }), "reading"), "https://chat.example", readHost)
})
