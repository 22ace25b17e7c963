// Chromium with the web app, as whoever stands in front of the server sees it: which requests share a socket or a TLS session.

import assert from "node:assert/strict"
import { test } from "node:test"
import { postPath, readPath } from "@nodoor/wire/delivery"
import { chromium } from "playwright-core"
import { chromiumOptions, openTalk, say, sees, withoutChromium } from "./fixtures/browser.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { type SeenConnection, startTlsFront } from "./fixtures/tls-front.ts"
import { buildWebApp } from "./fixtures/web-app.ts"

test(
  "In Chromium, session, anonymous requests, reading and posting share no socket and no TLS session when the streams have names of their own",
  { skip: withoutChromium, timeout: 240_000 },
  async (t) => {
    buildWebApp()
    let backPort = 0
    const [chat, read, post] = ["chat.localhost", "read.localhost", "post.localhost"] as const
    const front = await startTlsFront(t, { hosts: [chat, read, post], backPort: () => backPort })
    const named = (host: string): string => `${host}:${front.port}`
    const server = await startServerProcess(t, {
      env: {
        NODOOR_ORIGIN: named(chat),
        NODOOR_DELIVERY_READ_HOST: named(read),
        NODOOR_DELIVERY_POST_HOST: named(post),
        NODOOR_REGISTRATION_MODE: "open",
      },
    })
    backPort = Number(new URL(server.url).port)
    const browser = await chromium.launch({ ...chromiumOptions, args: [...chromiumOptions.args, ...front.chromiumArgs] })
    t.after(() => browser.close())
    const site = { url: `https://${named(chat)}` }
    const { alice, bob } = await openTalk(browser, site, "Hello Bob")
    await say(bob.page, "Hello Alice")
    await sees(alice.page, "Hello Alice")
    // Everything once more, on connections that may be there already.
    await alice.page.reload()
    await alice.page.getByRole("button", { name: "New chat" }).waitFor()
    await sees(alice.page, "Hello Alice")

    const seen = front.connections.filter(({ requests }) => requests.some(({ path }) => path.startsWith("/v1/")))
    const kinds = (connection: SeenConnection): Set<string> => new Set(connection.requests.flatMap((request) => classOf(request) ?? []))
    for (const connection of seen)
      assert.equal(kinds(connection).size, 1, connection.requests.map(({ path, named: isNamed }) => `${path} ${isNamed}`).join(", "))
    assert.deepEqual(new Set(seen.flatMap((connection) => [...kinds(connection)])), new Set(["session", "anonymous", "reading", "posting"]))
    for (const connection of seen) {
      const from = front.connections.find(({ id }) => id === connection.resumed)
      if (from && kinds(from).size > 0) assert.deepEqual(kinds(from), kinds(connection), "a TLS session is taken up within a class only")
    }
    for (const { host, requests } of seen)
      for (const { path, isStream } of requests) if (isStream) assert.equal(host, path === readPath ? read : post)
    assert.deepEqual([...alice.faults, ...bob.faults], [])
  },
)

/** Undefined for the files of the page, which say nothing of a device. */
function classOf({ path, named, isStream }: SeenConnection["requests"][number]): string | undefined {
  if (isStream) return path === readPath ? "reading" : path === postPath ? "posting" : "unknown"
  if (!path.startsWith("/v1/")) return undefined
  return named || /^\/v1\/(?:register|session)/.test(path) ? "session" : "anonymous"
}
