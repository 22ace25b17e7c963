import assert from "node:assert/strict"
import { test } from "node:test"
import { createSites } from "./sites.ts"

const ofConsole = ["/operator", "/operator/", "/operator/cases", "/operator.html", "/v1/operator/people"]
const ofMessenger = ["/", "/@bob", "/i/code", "/settings", "/v1/server", "/v1/stream", "/v1/group/post", "/kt/checkpoint", "/sw.js"]
const ofBoth = ["/assets/a.js", "/icon.svg", "/healthz", "/readyz", "/metrics", "/transparency", "/transparency.json"]

test("a console with a name of its own is served under it and nowhere else, and nothing of the messenger is", () => {
  const { serves, isConsole } = createSites({ console: "console.example.org" })
  for (const path of ofConsole) {
    assert.ok(serves("console.example.org", path) && serves("Console.Example.org", path), path)
    for (const host of [
      "chat.example.org",
      "console.example.org.evil.example",
      "console.example.org:8443",
      "127.0.0.1:8080",
      "",
      undefined,
    ])
      assert.ok(!serves(host, path), `${host} ${path}`)
  }
  for (const path of ofMessenger) {
    assert.ok(!serves("console.example.org", path), path)
    assert.ok(serves("chat.example.org", path) && serves(undefined, path), path)
  }
  for (const path of ofBoth) assert.ok(serves("console.example.org", path) && serves("chat.example.org", path), path)
  assert.ok(isConsole("console.example.org") && !isConsole("chat.example.org"))
})

test("without a name of its own the console stands beside the messenger, under any name", () => {
  const { serves, isConsole } = createSites({})
  for (const path of [...ofConsole, ...ofMessenger, ...ofBoth]) assert.ok(serves("chat.example.org", path) && serves(undefined, path), path)
  assert.ok(!isConsole("chat.example.org"))
})

test("names of their own for reading and posting carry that stream and nothing else, and no other name carries it", () => {
  const names = { console: "console.example.org", read: "read.example.org", post: "post.example.org" }
  const { serves } = createSites(names)
  assert.ok(serves("read.example.org", "/v1/read") && serves("Post.example.org", "/v1/post"))
  for (const host of ["chat.example.org", "post.example.org", "console.example.org", "read.example.org.evil.example", "", undefined])
    assert.ok(!serves(host, "/v1/read"), String(host))
  for (const host of ["chat.example.org", "read.example.org", "console.example.org", undefined])
    assert.ok(!serves(host, "/v1/post"), String(host))
  for (const path of [...ofMessenger, ...ofConsole, ...ofBoth])
    assert.ok(!serves("read.example.org", path) && !serves("post.example.org", path), path)
  const beside = createSites({})
  assert.ok(beside.serves("chat.example.org", "/v1/read") && beside.serves(undefined, "/v1/post"))
  const withConsole = createSites({ console: "console.example.org" })
  assert.ok(withConsole.serves("chat.example.org", "/v1/read") && !withConsole.serves("console.example.org", "/v1/read"))
})
