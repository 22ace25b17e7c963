// Bytes, names and passkeys' answers that somebody made up, sent to a real server.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { encodeCbor, toBase64Url, toHex } from "@nodoor/bytes"
import { decodeMessage, encodeMessage, errorCodes, limits, serverInfo, wireFault } from "@nodoor/wire"
import * as operatorRoutes from "@nodoor/wire/operator"
import {
  type OperatorRole,
  operatorCase,
  operatorCaseAttach,
  operatorCaseOpen,
  operatorEnrol,
  operatorEnrolOptions,
  operatorInviteCreate,
  operatorLimits,
  operatorPeople,
  operatorSignIn,
  operatorSignInOptions,
} from "@nodoor/wire/operator"
import { sha256 } from "../core/crypto.ts"
import { consoleAccess } from "../fixtures/console-routes.ts"
import { type ConsolePerson, type ConsoleWorld, enrolWith, firstLink, enrolEachRole, startConsoleWorld } from "../fixtures/console.ts"
import { deskRequest } from "../fixtures/desk.ts"
import { random } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { defaultConsoleRates } from "./console.ts"

let world: ConsoleWorld
let people: Readonly<Record<OperatorRole, ConsolePerson>>

before(async () => {
  world = await startConsoleWorld()
  people = await enrolEachRole(world)
})
after(() => world.close())

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

test("the same answer sent twice at once counts once, and a case that two people export at once is exported once", async () => {
  const { owner, operator } = people
  const approve = operatorRoutes.operatorCaseApprove
  const { caseId } = await operator.call(operatorCaseOpen, { request: JSON.stringify(deskRequest(["@alice"])) })
  const proof = await operator.confirm("approve", caseId)
  const twice = await Promise.allSettled([0, 1, 2].map(() => operator.call(approve, { caseId, proof })))
  assert.deepEqual(twice.map(({ status }) => status).toSorted(), ["fulfilled", "rejected", "rejected"])
  await owner.call(approve, { caseId, proof: await owner.confirm("approve", caseId) })

  const proofs = [await owner.confirm("export", caseId), await operator.confirm("export", caseId)] as const
  const both = await Promise.allSettled(
    [owner, operator].map((person, at) =>
      person.call(operatorRoutes.operatorCaseExport, { caseId, tell: false, proof: proofs[at as 0 | 1] }),
    ),
  )
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"])
  const done = both.find((result) => result.status === "fulfilled")
  const { archive } = await owner.call(operatorRoutes.operatorCaseArchive, { caseId })
  assert.equal(toHex(sha256(archive)), done?.value.sha256)
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
    await refuses("bad_request", owner.call(operatorRoutes.operatorPersonInvite, { name, role: "reviewer", proof: "{}" }))
})

test("random bytes and bent requests get a coded refusal at every route, and nothing is a bug of ours", async () => {
  const before = world.lines.length
  let seed = 0x2545f491
  const chance = (below: number): number => {
    seed ^= seed << 13
    seed ^= seed >>> 17
    seed ^= seed << 5
    return (seed >>> 0) % below
  }
  const token = people.owner.session.token
  for (const [name, { request }] of Object.entries(consoleAccess)) {
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
