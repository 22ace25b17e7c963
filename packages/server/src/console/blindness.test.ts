// Name, e-mail and IP address of an account leave the server in the archive of a case and in nothing else that the console shows or that
// the server writes while people work in it.

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { globSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { emailCode, encodeMessage } from "@nodoor/wire"
import * as operatorRoutes from "@nodoor/wire/operator"
import {
  operatorAccountChange,
  operatorCaseApprove,
  operatorCaseArchive,
  operatorCaseAttach,
  operatorCaseExport,
  operatorCaseOpen,
  operatorInviteCreate,
} from "@nodoor/wire/operator"
import { callHttp } from "../fixtures/caller.ts"
import { consoleRoutes } from "../fixtures/console-routes.ts"
import { type ConsolePerson, type ConsoleWorld, enrolWith, firstLink, invitePerson, startConsoleWorld } from "../fixtures/console.ts"
import { deskRequest } from "../fixtures/desk.ts"
import { random, signUp } from "../fixtures/device.ts"

let world: ConsoleWorld
let anna: ConsolePerson
let ben: ConsolePerson
const mails = new Map<string, string>()

/** What is known of one person: each value is found nowhere else. */
const unique = (): string => randomBytes(9).toString("hex")
const alice = { name: `Holder${unique()}`, email: `${unique()}@example.org`, address: "203.0.113.77" }
const bob = { name: `Holder${unique()}`, email: `${unique()}@example.org`, address: "2001:db8:7777:6666:5555:4444:3333:2222" }
const secrets = [alice, bob].flatMap(({ name, email, address }) => [name, email, email.split("@")[0] ?? "", address])

before(async () => {
  world = await startConsoleWorld({
    config: { registration: "open", trustedProxies: ["127.0.0.1"], metricsToken: "a token of the operator" },
    mailer: { sendCode: async ({ to, code }) => void mails.set(to, code) },
  })
  anna = await enrolWith(world, await firstLink(world, "Anna"))
  ben = await invitePerson(world, anna, "Ben", "operator")
  for (const [handle, { name, email, address }] of [
    ["alice", alice],
    ["bob", bob],
  ] as const) {
    const caller = callHttp(world.server.url, { headers: { "X-Forwarded-For": address } })
    await caller.call(emailCode, { email })
    await signUp(caller, world.server.origin, handle, { name, email, emailCode: mails.get(email) ?? "" })
    caller.close()
  }
})
after(() => world.close())

/** Which of the words are in the text, however the bytes are read. */
function found(text: string): readonly string[] {
  return secrets.filter(
    (word) =>
      text.includes(word) ||
      text.includes(Buffer.from(word).toString("hex")) ||
      text.includes(Buffer.from(word).toString("base64").slice(0, -3)),
  )
}

test("no answer of any route, no line of the log and no metric holds a name, an e-mail or an IP address; the archive holds exactly those asked for", async () => {
  const answers = new Map<string, string[]>()
  const send = async (path: string, request: object, token = anna.session.token): Promise<void> => {
    const { body } = await world.caller.send(path, encodeMessage(request), token)
    answers.set(path, [...(answers.get(path) ?? []), Buffer.from(body).toString("latin1")])
  }
  const on = (route: { readonly path: string }, request: object, token?: Uint8Array): Promise<void> => send(route.path, request, token)

  const { caseId } = await anna.call(operatorCaseOpen, { request: JSON.stringify(deskRequest(["@alice", "@nobody"])) })
  const { sha256 } = await anna.call(operatorCaseAttach, { caseId, name: "order.pdf", content: random(100) })
  await anna.call(operatorCaseApprove, { caseId, proof: await anna.confirm("approve", caseId) })
  await on(operatorCaseApprove, { caseId, proof: await ben.confirm("approve", caseId) }, ben.session.token)
  await on(operatorCaseExport, { caseId, tell: true, proof: await anna.confirm("export", caseId) })
  const { archive, letter } = await anna.call(operatorCaseArchive, { caseId })
  const { accounts } = await anna.call(operatorRoutes.operatorAccounts, {})
  const bobId = accounts.find(({ handle }) => handle === "bob")?.accountId ?? new Uint8Array()
  await on(operatorAccountChange, { accountId: bobId, change: "suspend", proof: await anna.confirm("suspend", toHex(bobId)) })
  await on(operatorAccountChange, { accountId: bobId, change: "resume" })
  await on(operatorInviteCreate, { count: 2, uses: 1, days: 1, label: "x" })

  // And everything once more: what is refused is an answer too.
  const again: Readonly<Record<string, object>> = {
    accounts: { prefix: "a" },
    "account/change": { accountId: bobId, change: "resume" },
    case: { caseId },
    "case/open": { request: JSON.stringify(deskRequest(["@bob"])) },
    "case/attach": { caseId, name: "x.pdf", content: random(5) },
    "case/document": { caseId, sha256 },
    "case/approve": { caseId, proof: "{}" },
    "case/close": { caseId, outcome: "rejected", tell: true, proof: "{}" },
    "case/export": { caseId, tell: true, proof: "{}" },
    "confirm/options": { act: "erase", subject: toHex(bobId) },
    "enrol/options": { code: "x" },
    enrol: { code: "x", response: "{}", label: "x" },
    "sign-in": { response: "{}" },
    "invite/create": { count: 1, uses: 1, days: 1, label: "y" },
    "invite/revoke": { id: "0".repeat(16) },
    "person/invite": { name: "Eve", role: "reviewer", proof: "{}" },
    "person/change": { name: "Ben", role: "reviewer", proof: "{}" },
  }
  const archiveRoute = operatorCaseArchive.path
  for (const { path } of consoleRoutes)
    if (path !== archiveRoute && !path.endsWith("/sign-out")) await send(path, again[path.replace("/v1/operator/", "")] ?? {})
  for (const { path } of consoleRoutes) {
    if (path === archiveRoute || path.endsWith("/sign-out")) continue
    const texts = answers.get(path) ?? []
    assert.ok(texts.length > 0, path)
    for (const text of texts) assert.deepEqual(found(text), [], path)
  }
  assert.ok((answers.get(operatorRoutes.operatorAccounts.path) ?? []).join().includes("alice"), "the search finds what is there")

  assert.deepEqual(found(world.lines.join("\n")), [])
  const metrics = await fetch(`${world.server.url}/metrics`, { headers: { Authorization: "Bearer a token of the operator" } })
  const text = await metrics.text()
  assert.match(text, /route="\/v1\/operator\/case\/export"/)
  assert.deepEqual(found(text), [])

  const handed = `${Buffer.from(archive).toString("utf8")}${letter}`
  assert.deepEqual(found(handed), [alice.name, alice.email, alice.email.split("@")[0], alice.address])
})

test("the desk's own files, but for the archive, hold none of it either", () => {
  const folder = join(world.dataDir, "desk")
  const files = globSync("**/*", { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile())
  assert.ok(files.some((path) => path.startsWith("documents/")) && files.some((path) => path.startsWith("archives/")))
  for (const path of files) {
    const held = found(readFileSync(join(folder, path)).toString("latin1"))
    assert.equal(held.length > 0, path.startsWith("archives/"), path)
  }
})
