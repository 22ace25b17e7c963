import assert from "node:assert/strict"
import { test } from "node:test"
import { createSites } from "./sites.ts"

const ofConsole = ["/operator", "/operator/", "/operator/cases", "/operator.html", "/v1/operator/people"]
const ofMessenger = ["/", "/@bob", "/i/code", "/settings", "/v1/server", "/v1/stream", "/v1/group/post", "/kt/checkpoint", "/sw.js"]
const ofBoth = ["/assets/a.js", "/icon.svg", "/healthz", "/readyz", "/metrics", "/transparency", "/transparency.json"]

test("a console with a name of its own is served under it and nowhere else, and nothing of the messenger is", () => {
  const { serves, isConsole } = createSites("console.example.org")
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
  const { serves, isConsole } = createSites(undefined)
  for (const path of [...ofConsole, ...ofMessenger, ...ofBoth]) assert.ok(serves("chat.example.org", path) && serves(undefined, path), path)
  assert.ok(!isConsole("chat.example.org"))
})
