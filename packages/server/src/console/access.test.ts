// Who comes through which door: every route with every role, with no session, and with one that is over. Over real HTTP.

import assert from "node:assert/strict"
import { request as httpRequest } from "node:http"
import { connect } from "node:net"
import { after, before, test } from "node:test"
import { encodeCbor, toBase64Url } from "@nodoor/bytes"
import {
  type ErrorCode,
  type Route,
  WireError,
  decodeMessage,
  encodeMessage,
  errorCodes,
  limits,
  serverInfo,
  wireFault,
} from "@nodoor/wire"
import * as operatorRoutes from "@nodoor/wire/operator"
import {
  type OperatorRole,
  operatorCase,
  operatorCaseAttach,
  operatorCaseOpen,
  operatorCases,
  operatorEnrol,
  operatorEnrolOptions,
  operatorInviteCreate,
  operatorLimits,
  operatorOverview,
  operatorPeople,
  operatorSignIn,
  operatorSignInOptions,
} from "@nodoor/wire/operator"
import {
  type ConsolePerson,
  type ConsoleWorld,
  codeOf,
  enrolWith,
  firstLink,
  invitePerson,
  startConsoleWorld,
} from "../fixtures/console.ts"
import { deskRequest } from "../fixtures/desk.ts"
import { random, signUp } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { defaultConsoleRates } from "./console.ts"

let world: ConsoleWorld
let people: Readonly<Record<OperatorRole, ConsolePerson>>

before(async () => {
  world = await startConsoleWorld()
  const owner = await enrolWith(world, await firstLink(world, "Anna"))
  const [operator, reviewer] = [await invitePerson(world, owner, "Ben", "operator"), await invitePerson(world, owner, "Cleo", "reviewer")]
  people = { owner, operator, reviewer }
})
after(() => world.close())

const routes = (Object.values(operatorRoutes) as unknown[]).filter(
  (value): value is Route<object, unknown> => typeof value === "object" && value !== null && "path" in value && "caller" in value,
)
const routeAt = (name: string): Route<object, unknown> => {
  const route = routes.find(({ path }) => path === `/v1/operator/${name}`)
  assert.ok(route !== undefined, name)
  return route
}

const hex = (digits: number): string => "0".repeat(digits)
const proof = "{}"

/** A request of each door that means something, and the roles that may come in. What comes of it inside is another test's. */
const table: Readonly<Record<string, { readonly request: object; readonly roles: readonly OperatorRole[] | "anybody" }>> = {
  "enrol/options": { request: { code: "x" }, roles: "anybody" },
  enrol: { request: { code: "x", response: "{}", label: "x" }, roles: "anybody" },
  "sign-in/options": { request: {}, roles: "anybody" },
  "sign-in": { request: { response: "{}" }, roles: "anybody" },
  overview: { request: {}, roles: ["owner", "operator", "reviewer"] },
  settings: { request: {}, roles: ["owner", "operator", "reviewer"] },
  accounts: { request: {}, roles: ["owner", "operator", "reviewer"] },
  "account/change": { request: { accountId: new Uint8Array(16), change: "suspend" }, roles: ["owner", "operator"] },
  invites: { request: {}, roles: ["owner", "operator", "reviewer"] },
  "invite/create": { request: { count: 1, uses: 1, days: 1, label: "x" }, roles: ["owner", "operator"] },
  "invite/revoke": { request: { id: hex(16) }, roles: ["owner", "operator"] },
  cases: { request: {}, roles: ["owner", "operator", "reviewer"] },
  case: { request: { caseId: hex(10) }, roles: ["owner", "operator", "reviewer"] },
  "case/open": { request: { request: "{}" }, roles: ["owner", "operator"] },
  "case/attach": { request: { caseId: hex(10), name: "x", content: new Uint8Array(1) }, roles: ["owner", "operator"] },
  "case/document": { request: { caseId: hex(10), sha256: hex(64) }, roles: ["owner", "operator", "reviewer"] },
  "case/approve": { request: { caseId: hex(10), proof }, roles: ["owner", "operator", "reviewer"] },
  "case/close": { request: { caseId: hex(10), outcome: "rejected", tell: true, proof }, roles: ["owner", "operator"] },
  "case/export": { request: { caseId: hex(10), tell: true, proof }, roles: ["owner", "operator"] },
  "case/archive": { request: { caseId: hex(10) }, roles: ["owner", "operator"] },
  people: { request: {}, roles: ["owner", "operator", "reviewer"] },
  "person/invite": { request: { name: "Nobody", role: "owner", proof }, roles: ["owner"] },
  "person/change": { request: { name: "Nobody", role: "owner", proof }, roles: ["owner"] },
  audit: { request: {}, roles: ["owner", "operator", "reviewer"] },
  "confirm/options": { request: { act: "export", subject: hex(10) }, roles: ["owner", "operator"] },
  "sign-out": { request: {}, roles: ["owner", "operator", "reviewer"] },
}

/** What a door answers with, by code. */
async function codeFrom(route: Route<object, unknown>, request: object, token?: Uint8Array): Promise<ErrorCode | "ok"> {
  try {
    await world.caller.call(route, request, token)
    return "ok"
  } catch (error) {
    assert.ok(error instanceof WireError, `${route.path}: ${String(error)}`)
    return error.code
  }
}

test("every door takes the roles of the table and no others", async () => {
  assert.deepEqual(
    routes.map(({ path }) => path.replace("/v1/operator/", "")).toSorted(),
    Object.keys(table).toSorted(),
    "every route stands in the table",
  )
  for (const [name, { request, roles }] of Object.entries(table)) {
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
  for (const [name, { roles }] of Object.entries(table))
    assert.equal(routeAt(name).caller, roles === "anybody" ? "nobody" : "operator", name)
})

test("without a session, with a made-up one, and with a device's, no door but those before the sign-in opens", async () => {
  const device = await signUp(world.caller, world.server.origin, "alice")
  const before = world.lines.length
  for (const [name, { request, roles }] of Object.entries(table)) {
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
  for (const [name, { request, roles }] of Object.entries(table))
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

test("answers of a passkey are good once, for one person, one page and one challenge", async () => {
  const { caller } = world
  const { reviewer, operator } = people
  const signIn = async (bend: Parameters<typeof reviewer.authenticator.get>[1]): Promise<unknown> => {
    const { options } = await caller.call(operatorSignInOptions, {})
    return caller.call(operatorSignIn, { response: reviewer.authenticator.get(options, bend) })
  }
  const { options } = await caller.call(operatorSignInOptions, {})
  const response = reviewer.authenticator.get(options)
  await caller.call(operatorSignIn, { response })
  await refuses("operator_refused", caller.call(operatorSignIn, { response }))
  await refuses("operator_refused", caller.call(operatorSignIn, { response: reviewer.authenticator.get(options) }))
  for (const bend of [
    { origin: "https://elsewhere.example" },
    { verified: false },
    { crossOrigin: true },
    { counter: 1 },
    { rpId: "elsewhere.example" },
  ])
    await refuses("operator_refused", signIn(bend))
  await signIn({})

  const { caseId } = await operator.call(operatorCaseOpen, { request: JSON.stringify(deskRequest(["@alice"])) })
  const approve = operatorRoutes.operatorCaseApprove
  const another = await reviewer.confirm("approve", caseId)
  await refuses("operator_refused", operator.call(approve, { caseId, proof: another }))
  const late = await operator.confirm("approve", caseId)
  world.clock.aheadMs += operatorLimits.challengeMs
  await refuses("operator_refused", operator.call(approve, { caseId, proof: late }))
  const before = await operator.confirm("approve", caseId)
  await operator.call(operatorCaseAttach, { caseId, name: "later.pdf", content: random(10) })
  await refuses("operator_refused", operator.call(approve, { caseId, proof: before }))
  const good = await operator.confirm("approve", caseId)
  assert.equal((await operator.call(approve, { caseId, proof: good })).approvals, 1)
  await refuses("operator_refused", operator.call(approve, { caseId, proof: good }))
  assert.deepEqual((await operator.call(operatorCase, { caseId })).approvedBy, ["Ben"])
})

test("names that lead out of a folder, more accounts than a request may name, and HTML in names do no harm", async () => {
  const { operator, owner } = people
  const many = Array.from({ length: 10_000 }, (_, n) => `@a${String(n).padStart(4, "0")}`)
  const tooMany = operator.call(operatorCaseOpen, { request: JSON.stringify(deskRequest(many, { bulkReason: "because" })) })
  await refuses("bad_request", tooMany)
  const few = operator.call(operatorCaseOpen, { request: JSON.stringify(deskRequest(many.slice(0, 501), { bulkReason: "because" })) })
  assert.match((await refuses("operator_refused", few)).message, /at most 500 accounts/)
  const { caseId } = await operator.call(operatorCaseOpen, {
    request: JSON.stringify(deskRequest(["@alice"], { authority: "<script>alert(1)</script>", reference: "=HYPERLINK(1)" })),
  })
  for (const name of ["../../desk.sqlite", "/etc/passwd", "a/b", "a\\b", "..", ".", "", "C:x", "x".repeat(300), "a\u202eb"])
    await refuses("operator_refused", operator.call(operatorCaseAttach, { caseId, name, content: random(4) }))
  await refuses("bad_request", operator.call(operatorCaseAttach, { caseId, name: "a\0b", content: random(4) }))
  await refuses("operator_refused", operator.call(operatorCaseAttach, { caseId, name: "empty.pdf", content: new Uint8Array() }))
  await operator.call(operatorCaseAttach, { caseId, name: '<img src=x onerror="alert(1)">.pdf', content: random(4) })
  const shown = await owner.call(operatorCase, { caseId })
  assert.deepEqual(
    [shown.authority, shown.documents.map(({ name }) => name)],
    ["<script>alert(1)</script>", ['<img src=x onerror="alert(1)">.pdf']],
  )
  for (const name of ["<b>Eve</b>", "Eve\nroot", "", "=Eve", "../Eve"])
    await refuses("bad_request", owner.call(operatorRoutes.operatorPersonInvite, { name, role: "reviewer", proof }))
})

test("random bytes and bent requests get a coded refusal at every door, and nothing is a bug of ours", async () => {
  const before = world.lines.length
  let seed = 0x2545f491
  const chance = (below: number): number => {
    seed ^= seed << 13
    seed ^= seed >>> 17
    seed ^= seed << 5
    return (seed >>> 0) % below
  }
  const token = people.owner.session.token
  for (const [name, { request }] of Object.entries(table)) {
    if (name === "sign-out") continue
    const good = encodeMessage(request)
    const bent = Array.from({ length: 25 }, (_, at) => {
      if (at % 5 === 0) return random(chance(80))
      const bytes = good.slice()
      for (let flips = 0; flips <= at % 3; flips++) bytes[chance(bytes.length)] = chance(256)
      return at % 5 === 1 ? bytes.subarray(0, chance(bytes.length)) : bytes
    })
    for (const wrong of [null, 1, "x", [], {}, { ...request, more: 1 }, nested(60)])
      bent.push(encodeCbor(wrong as Parameters<typeof encodeCbor>[0]))
    for (const body of bent) {
      const { status, body: answer } = await world.caller.send(`/v1/operator/${name}`, body, token)
      if (status === 200) continue
      const { code, message } = decodeMessage(wireFault, answer, limits.faultBytes)
      assert.equal(errorCodes[code], status)
      assert.notEqual(code, "internal", `${name}: ${Buffer.from(body).toString("hex")}`)
      assert.ok(message.length <= 200)
    }
  }
  assert.equal(world.lines.length, before)
  await people.owner.call(operatorPeople, {})
  await world.caller.call(serverInfo, {})
})

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let at = 0; at < depth; at++) value = [value]
  return value
}

test("attempts to get in are few from one address and bounded in all, and people who are in are not kept out by them", async () => {
  const strict = await startConsoleWorld({
    consoleRates: { ...defaultConsoleRates, attempt: { burst: 6, perSecond: 0.001 } },
  })
  try {
    const anna = await enrolWith(strict, await firstLink(strict, "Anna"))
    for (let attempt = 0; attempt < 4; attempt++)
      await refuses("operator_refused", strict.caller.call(operatorEnrolOptions, { code: toBase64Url(random(32)) }))
    for (const attempt of [
      strict.caller.call(operatorEnrolOptions, { code: "x" }),
      strict.caller.call(operatorEnrol, { code: "x", response: "{}", label: "x" }),
      strict.caller.call(operatorSignInOptions, {}),
      strict.caller.call(operatorSignIn, { response: "{}" }),
    ])
      assert.ok(((await refuses("rate_limited", attempt)).retryAfterMs ?? 0) > 0)
    await anna.call(operatorInviteCreate, { count: 1, uses: 1, days: 1, label: "still in" })
  } finally {
    await strict.close()
  }
})

test("an enrolment's code works once and for a day; the first two links come from the machine, a third does not", async () => {
  const fresh = await startConsoleWorld()
  try {
    const late = await firstLink(fresh, "Late")
    fresh.clock.aheadMs += operatorLimits.enrolmentMs
    await refuses("operator_refused", fresh.caller.call(operatorEnrolOptions, { code: codeOf(late) }))
    const anna = await enrolWith(fresh, await firstLink(fresh, "Anna"))
    await enrolWith(fresh, await firstLink(fresh, "Ben"))
    await assert.rejects(firstLink(fresh, "Eve"), /must vouch/)
    assert.equal((await anna.call(operatorPeople, {})).people.length, 2)
  } finally {
    await fresh.close()
  }
})

test("no door but that for documents takes large requests", () => {
  for (const { path, maxRequestBytes } of routes) if (path !== operatorCaseAttach.path) assert.ok(maxRequestBytes <= 262_144, path)
})
