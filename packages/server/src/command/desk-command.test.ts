import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { callHttp } from "../fixtures/caller.ts"
import { runCommand } from "../fixtures/command.ts"
import { deskRequest } from "../fixtures/desk.ts"
import { signUp } from "../fixtures/device.ts"
import { ServerError, type ServerErrorCode } from "../core/server-error.ts"
import { startServer } from "../service/start-server.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-desk-command-"))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)

const desk = (...words: string[]): Promise<string> => runCommand(["desk", ...words], { dataDir: at("data") })
const refused = (code: ServerErrorCode, ...words: string[]): Promise<void> =>
  assert.rejects(desk(...words), (error: unknown) => error instanceof ServerError && error.code === code)

test("two people run one request through the desk in a terminal, beside the running server: refused before, exact after, and written down", async () => {
  await refused("desk_refused", "list")
  const server = await startServer({ dataDir: at("data"), log: () => {} })
  const caller = callHttp(server.url)
  await signUp(caller, server.origin, "alice", { name: "Alice of the terminal" })
  await signUp(caller, server.origin, "bob", { name: "Bob of the terminal" })
  caller.close()
  for (const name of ["anna", "ben"]) await desk("operator", "add", name, await desk("key", at(name)))
  await refused("desk_refused", "key", at("anna"))
  assert.equal(statSync(at("anna")).mode & 0o777, 0o600)
  writeFileSync(at("request.json"), JSON.stringify(deskRequest(["@alice"], { classes: ["holder_name", "ip_addresses", "content"] })))
  writeFileSync(at("order.pdf"), "an order")
  const caseId = await desk("open", at("request.json"), "--key", at("anna"))
  await desk("attach", caseId, at("order.pdf"), "--key", at("anna"))
  assert.equal(await desk("approve", caseId, "--key", at("anna")), "1 of 2 approvals")
  await refused("desk_refused", "export", caseId, "--out", at("out"), "--key", at("anna"))
  assert.ok(!existsSync(join(at("out"), `disclosure-${caseId}.json.unreleased`)))
  assert.equal(await desk("approve", caseId, "--key", at("ben")), "2 of 2 approvals")
  assert.match(await desk("show", caseId), /"approved": \[\s*"anna",\s*"ben"/)
  const said = await desk("export", caseId, "--out", at("out"), "--key", at("ben"))
  assert.match(said, /^partial\n/)
  const { told } = JSON.parse(await desk("show", caseId)) as { told: { account: string; fetchedDay?: string }[] }
  assert.deepEqual(
    told.map(({ account, fetchedDay }) => [account.length, fetchedDay]),
    [[32, undefined]],
  )
  const [json, html] = [`disclosure-${caseId}.json`, `disclosure-${caseId}.html`].map((name) => readFileSync(join(at("out"), name), "utf8"))
  assert.ok(json?.includes("Alice of the terminal") && html?.includes("Alice of the terminal") && html.includes("Technical statement"))
  assert.ok(!json?.includes("Bob of") && !json?.includes("bob"))
  assert.match(await desk("list"), new RegExp(`^${caseId}  partial  2026-11-30  DE  court_order  1 account`))
  assert.equal((await desk("log")).split("\n").length, 7)
  await refused("desk_refused", "export", caseId, "--out", at("elsewhere"), "--key", at("ben"))
  const nextMonth = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
  assert.equal(await desk("gag", caseId, nextMonth, "--key", at("anna")), "")
  assert.match(await desk("show", caseId), new RegExp(`"after": "${nextMonth}"`))
  for (const day of ["yesterday", "2999-12-31"]) await refused("desk_refused", "gag", caseId, day, "--key", at("anna"))
  assert.equal(await desk("gag", caseId, "none", "--key", at("anna")), "")
  assert.doesNotMatch(await desk("show", caseId), /"after"/)
  await server.stop()
})

test("on the machine's command line the first two get a link with nobody's word, later ones with an owner's key, which also changes roles", async () => {
  const words = (...more: string[]): Promise<string> => desk("operator", ...more)
  await refused("desk_refused", "operator", "invite", "cleo")
  const [link = "", until = ""] = (await words("invite", "cleo", "--key", at("anna"))).split("\n")
  assert.match(link, /^http:\/\/localhost:\d+\/operator#enrol=[A-Za-z0-9_-]{43}$/)
  assert.match(until, /^Works once, until \d{4}-/)
  assert.match(await words("list"), /^anna {2}owner\n {2}key {2}\S{44}\nben {2}owner\n {2}key {2}\S{44}$/)
  assert.match(await words("role", "ben", "--role", "reviewer", "--key", at("anna")), /ben {2}reviewer/)
  await refused("operator_forbidden", "operator", "invite", "dora", "--key", at("ben"))
  await refused("operator_forbidden", "open", at("request.json"), "--key", at("ben"))
  await refused("desk_refused", "operator", "role", "anna", "--role", "reviewer", "--key", at("anna"))
  await refused("desk_refused", "operator", "recover", "dora")
  assert.match(await words("recover", "ben"), /#enrol=[A-Za-z0-9_-]{43}\nWorks once, from .* until/)
  await words("add", "dora", await desk("key", at("dora")), "--role", "reviewer", "--key", at("anna"))
  assert.doesNotMatch(await words("remove", "dora", "--key", at("anna")), /dora/)
  await refused("operator_unknown", "operator", "invite", "dora", "--key", at("dora"))
  for (const wrong of [
    [],
    ["invite"],
    ["list", "more"],
    ["role", "ben", "--key", at("anna")],
    ["invite", "x", "--role", "admin"],
    ["toString", "x"],
  ])
    await refused("usage", "operator", ...wrong)
  assert.ok(!(await desk("log")).includes(link.split("=")[1] ?? "x"), "the code stands in the link only")
})

test("words that mean nothing are refused, and a path is never made of a case's number", async () => {
  for (const words of [
    [],
    ["say"],
    ["open"],
    ["list", "more"],
    ["show", "x", "--much", "1"],
    ["approve", "x"],
    ["close", "x", "--outcome", "full", "--key", "y"],
    ["close", "x", "--outcome", "rejected", "--key", "y", "--tell", "later"],
    ["close", "x", "--outcome", "rejected", "--key", "y", "--told", "no"],
  ])
    await refused("usage", ...words)
  await refused("desk_refused", "export", "../../etc", "--out", at("out"), "--key", at("anna"))
  await refused("desk_refused", "show", "0123456789")
  await refused("desk_refused", "operator", "add", "carl", "not a key")
  await refused("desk_refused", "open", at("nothing.json"), "--key", at("anna"))
})
