// Who comes through which route: every route with every role, with no session, and with one that is over. Over real HTTP.

import assert from "node:assert/strict"
import { mkdirSync, writeFileSync } from "node:fs"
import { request as httpRequest } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { toBase64Url } from "@nodoor/bytes"
import { type ErrorCode, type Route, WireError, encodeMessage } from "@nodoor/wire"
import * as operatorRoutes from "@nodoor/wire/operator"
import {
  type OperatorRole,
  operatorCaseAttach,
  operatorCases,
  operatorEnrolOptions,
  operatorLimits,
  operatorOverview,
  operatorPeople,
} from "@nodoor/wire/operator"
import { consoleAccess, consoleRoutes } from "../fixtures/console-routes.ts"
import {
  type ConsolePerson,
  type ConsoleWorld,
  codeOf,
  enrolWith,
  firstLink,
  invitePerson,
  enrolEachRole,
  startConsoleWorld,
} from "../fixtures/console.ts"
import { random, signUp } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { consolePage } from "../http/security-headers.ts"

let world: ConsoleWorld
let people: Readonly<Record<OperatorRole, ConsolePerson>>

before(async () => {
  world = await startConsoleWorld()
  people = await enrolEachRole(world)
})
after(() => world.close())

const routeAt = (name: string): Route<object, unknown> => {
  const route = consoleRoutes.find(({ path }) => path === `/v1/operator/${name}`)
  assert.ok(route !== undefined, name)
  return route
}

/** What a route answers with, by code. */
async function codeFrom(route: Route<object, unknown>, request: object, token?: Uint8Array): Promise<ErrorCode | "ok"> {
  try {
    await world.caller.call(route, request, token)
    return "ok"
  } catch (error) {
    assert.ok(error instanceof WireError, `${route.path}: ${String(error)}`)
    return error.code
  }
}

test("every route takes the roles of the table and no others", async () => {
  assert.deepEqual(
    consoleRoutes.map(({ path }) => path.replace("/v1/operator/", "")).toSorted(),
    Object.keys(consoleAccess).toSorted(),
    "every route stands in the table",
  )
  for (const [name, { request, roles }] of Object.entries(consoleAccess)) {
    for (const [role, person] of Object.entries(people)) {
      const code = await codeFrom(routeAt(name), request, person.session.token)
      const comesIn = code !== "forbidden_role" && code !== "unauthorized"
      assert.equal(comesIn, roles === "anybody" || roles.includes(role as OperatorRole), `${name} as ${role}: ${code}`)
      assert.notEqual(code, "internal")
      if (name === "sign-out") await person.signIn()
    }
  }
})

test("every role of the table is in the routes' own word of who calls", () => {
  for (const [name, { roles }] of Object.entries(consoleAccess))
    assert.equal(routeAt(name).caller, roles === "anybody" ? "nobody" : "operator", name)
})

test("without a session, with a made-up one, and with a device's, no route but those before the sign-in opens", async () => {
  const device = await signUp(world.caller, world.server.origin, "alice")
  const before = world.lines.length
  for (const [name, { request, roles }] of Object.entries(consoleAccess)) {
    if (roles === "anybody") continue
    for (const token of [undefined, random(32), random(8), device.token])
      assert.equal(await codeFrom(routeAt(name), request, token), "unauthorized", name)
  }
  assert.equal(world.lines.length, before, "and nothing is logged")
})

test("the session of somebody who was removed opens nothing any more", async () => {
  const gone = await invitePerson(world, people.owner, "Gone", "owner")
  const call = operatorRoutes.operatorPersonChange
  await people.owner.call(call, { name: "Gone", proof: await people.owner.confirm("people", "Gone") })
  for (const [name, { request, roles }] of Object.entries(consoleAccess))
    if (roles !== "anybody") assert.equal(await codeFrom(routeAt(name), request, gone.session.token), "unauthorized", name)
})

test("a session that has run out opens nothing, and one that is used does not go idle", async () => {
  const dora = await invitePerson(world, people.owner, "Dora", "reviewer")
  world.clock.aheadMs += operatorLimits.idleMs - 60_000
  for (const person of Object.values(people)) await person.call(operatorCases, {})
  world.clock.aheadMs += 60_000
  await refuses("unauthorized", dora.call(operatorCases, {}))
  await people.owner.call(operatorCases, {})
})

test("who may not send a document is refused before a byte of it is read", async () => {
  const head = (token: string): string =>
    [
      `POST ${operatorCaseAttach.path} HTTP/1.1`,
      "Host: x",
      "Content-Type: application/cbor",
      `Content-Length: ${operatorLimits.documentBytes}`,
      ...(token === "" ? [] : [`Authorization: Bearer ${token}`]),
      "",
      "",
    ].join("\r\n")
  const statusOf = (token: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(world.server.port, "127.0.0.1", () => socket.write(head(token)))
      socket.once("data", (chunk: Buffer) => {
        resolve(chunk.toString("latin1").split("\r\n")[0] ?? "")
        socket.destroy()
      })
      socket.on("error", reject)
    })
  assert.equal(await statusOf(""), "HTTP/1.1 401 Unauthorized")
  assert.equal(await statusOf(toBase64Url(random(32))), "HTTP/1.1 401 Unauthorized")
  assert.equal(await statusOf(toBase64Url(people.reviewer.session.token)), "HTTP/1.1 403 Forbidden")
})

test("the token is taken as a bearer token only: a cookie or another header of a page elsewhere lets nobody in", async () => {
  const token = toBase64Url(people.owner.session.token)
  const statusWith = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const all = { "Content-Type": "application/cbor", ...headers }
      const request = httpRequest(`${world.server.url}${operatorOverview.path}`, { method: "POST", headers: all }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
        assert.equal(response.headers["set-cookie"], undefined)
        assert.equal(response.headers["access-control-allow-origin"], undefined)
        assert.equal(response.headers["cache-control"], "no-store")
      })
      request.on("error", reject)
      request.end(encodeMessage({}))
    })
  assert.equal(await statusWith({ Authorization: `Bearer ${token}` }), 200)
  assert.equal(await statusWith({ Cookie: `token=${token}; session=${token}` }), 401)
  assert.equal(await statusWith({ Authorization: `Basic ${token}` }), 401)
  assert.equal(await statusWith({ Authorization: `Bearer ${token}`, "Content-Type": "text/plain" }), 400)
})

test("an enrolment's code works once and for a day; the first two links come from the machine, a third does not", async () => {
  const fresh = await startConsoleWorld()
  try {
    const late = await firstLink(fresh, "Late")
    fresh.clock.aheadMs += operatorLimits.enrolmentMs
    await refuses("operator_refused", fresh.caller.call(operatorEnrolOptions, { code: codeOf(late) }))
    const anna = await enrolWith(fresh, await firstLink(fresh, "Anna"))
    await enrolWith(fresh, await firstLink(fresh, "Ben"))
    await assert.rejects(firstLink(fresh, "Eve"), /must approve/)
    assert.equal((await anna.call(operatorPeople, {})).people.length, 2)
  } finally {
    await fresh.close()
  }
})

test("the page has the app's strict headers, a server without the web app says so, and refusals at the routes are counted", async () => {
  const web = join(world.dataDir, "web")
  mkdirSync(web)
  for (const name of ["index.html", "operator.html"]) writeFileSync(join(web, name), `<!doctype html><title>${name}</title>`)
  const withPage = await startConsoleWorld({ webDir: web })
  const without = await startConsoleWorld({ webDir: join(world.dataDir, "nothing") })
  try {
    const page = await fetch(`${withPage.server.url}/operator`)
    assert.match(await page.text(), /operator\.html/)
    for (const [name, value] of Object.entries(consolePage)) assert.equal(page.headers.get(name), value, name)
    const none = await fetch(`${without.server.url}/operator`)
    assert.deepEqual([none.status, await none.text()], [404, "The web app has not been built. `npm start` builds it.\n"])
    await codeFrom(routeAt("people"), {})
    const metrics = await (await fetch(`${world.server.url}/metrics`)).text()
    assert.match(metrics, /nodoor_answers_total\{route="\/v1\/operator\/people",code="unauthorized"\} [1-9]/)
    assert.match(metrics, /route="\/v1\/operator\/case\/export",code="forbidden_role"/)
  } finally {
    await withPage.close()
    await without.close()
  }
})

test("no route but that for documents takes large requests", () => {
  for (const { path, maxRequestBytes } of consoleRoutes) if (path !== operatorCaseAttach.path) assert.ok(maxRequestBytes <= 262_144, path)
})
