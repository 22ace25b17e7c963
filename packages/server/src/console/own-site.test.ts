// The console under a name of its own: another site for browsers, another relying party for passkeys.

import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { request as httpRequest } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { type Route, encodeMessage, serverInfo } from "@nodoor/wire"
import { operatorPeople, operatorSignInOptions } from "@nodoor/wire/operator"
import { openDesk } from "../desk/open-desk.ts"
import { type ConsoleWorld, enrolWith, startConsoleWorld } from "../fixtures/console.ts"
import { callHttp } from "../fixtures/caller.ts"
import { random } from "../fixtures/device.ts"
import { readPath } from "@nodoor/wire/delivery"
import { WebSocket } from "ws"

const consoleOrigin = "console.example.org"
let world: ConsoleWorld
const web = mkdtempSync(join(tmpdir(), "nodoor-own-site-"))
before(async () => {
  mkdirSync(join(web, "assets"))
  for (const name of ["index.html", "operator.html", "assets/a.js"]) writeFileSync(join(web, name), name)
  world = await startConsoleWorld({ webDir: web, config: { origin: "chat.example.org", consoleOrigin } })
})
after(async () => {
  await world.close()
  rmSync(web, { recursive: true })
})

function get(
  host: string,
  path: string,
): Promise<{ readonly status: number; readonly text: string; readonly location: string | undefined }> {
  return new Promise((resolve, reject) => {
    httpRequest(`${world.server.url}${path}`, { headers: { Host: host }, agent: false }, (response) => {
      let text = ""
      response.on("data", (chunk: Buffer) => (text += chunk.toString()))
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, location: response.headers.location }))
    })
      .on("error", reject)
      .end()
  })
}

async function statusOf(host: string, route: Route<never, unknown>): Promise<number> {
  const caller = callHttp(world.server.url, { headers: { Host: host } })
  try {
    return (await caller.send(route.path, encodeMessage({}))).status
  } finally {
    caller.close()
  }
}

test("its page and its routes are served under its name and not under the messenger's, and the other way round", async () => {
  assert.equal((await get(consoleOrigin, "/operator")).text, "operator.html")
  assert.equal((await get("chat.example.org", "/operator")).status, 404)
  assert.equal((await get("chat.example.org", "/%6fperator")).status, 404)
  assert.equal((await get("chat.example.org", "/")).text, "index.html")
  assert.equal((await get(consoleOrigin, "/@bob")).status, 404)
  assert.deepEqual(await get(consoleOrigin, "/"), { status: 302, text: "", location: "/operator" })
  assert.equal((await get(consoleOrigin, "/assets/a.js")).text, "assets/a.js")
  assert.equal(await statusOf(consoleOrigin, operatorSignInOptions as Route<never, unknown>), 200)
  assert.equal(await statusOf("chat.example.org", operatorSignInOptions as Route<never, unknown>), 404)
  assert.equal(await statusOf("chat.example.org", serverInfo as Route<never, unknown>), 200)
  assert.equal(await statusOf(consoleOrigin, serverInfo as Route<never, unknown>), 404)
  const socket = new WebSocket(`${world.server.url.replace("http", "ws")}${readPath}`, { headers: { Host: consoleOrigin } })
  await assert.rejects(new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject)), /404/)
})

test("people enrol under its name, and passkeys of the messenger's name are refused", async () => {
  const { people, close } = await openDesk(world.dataDir, { clock: world.clock, random, consoleOrigin })
  const { link } = people.invite({ name: "Anna", voucher: undefined })
  await close()
  assert.match(link, /^https:\/\/console\.example\.org\/operator#enrol=/)
  assert.equal(world.server.consoleUrl, `https://${consoleOrigin}/operator`)
  const caller = callHttp(world.server.url, { headers: { Host: consoleOrigin } })
  try {
    const elsewhere = link.replace(consoleOrigin, "chat.example.org")
    await assert.rejects(enrolWith({ ...world, caller }, elsewhere), /is not valid here/)
    const anna = await enrolWith({ ...world, caller }, link)
    assert.equal((await anna.call(operatorPeople, {})).people.length, 1)
  } finally {
    caller.close()
  }
})
