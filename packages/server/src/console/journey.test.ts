// The console over real HTTP, from the first link to the archive.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { equal, fromUtf8, toHex, toUtf8 } from "@nodoor/bytes"
import {
  operatorAccountChange,
  operatorAccounts,
  operatorAudit,
  operatorCase,
  operatorCaseApprove,
  operatorCaseArchive,
  operatorCaseAttach,
  operatorCaseClose,
  operatorCaseDocument,
  operatorCaseExport,
  operatorCaseOpen,
  operatorCases,
  operatorConfirmOptions,
  operatorEnrolOptions,
  operatorInviteCreate,
  operatorInviteRevoke,
  operatorInvites,
  operatorOverview,
  operatorPeople,
  operatorPersonChange,
  operatorPersonInvite,
  operatorSettings,
  operatorSignOut,
} from "@nodoor/wire/operator"
import { sha256 } from "../core/crypto.ts"
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

let world: ConsoleWorld
let anna: ConsolePerson
let ben: ConsolePerson

before(async () => {
  world = await startConsoleWorld()
  anna = await enrolWith(world, await firstLink(world, "Anna"))
  ben = await invitePerson(world, anna, "Ben", "reviewer")
})
after(() => world.close())

/** The audit log's newest entries as objects. */
async function newestEntries(count: number): Promise<readonly { readonly [name: string]: unknown }[]> {
  const { entries, holds } = await anna.call(operatorAudit, {})
  assert.equal(holds, true)
  return entries.slice(0, count).map(({ entry }) => JSON.parse(entry) as { readonly [name: string]: unknown })
}

test("two people take a case from receipt to the archive, and everything is in the desk's log with who did it", async () => {
  const alice = await signUp(world.caller, world.server.origin, "alice")
  const request = JSON.stringify(deskRequest(["@alice"], { instrument: "subpoena", classes: ["holder_name", "ip_addresses", "content"] }))
  const { caseId } = await anna.call(operatorCaseOpen, { request })
  const scan = random(70_000)
  const { sha256: hash } = await anna.call(operatorCaseAttach, { caseId, name: "order.pdf", content: scan })
  assert.equal(hash, toHex(sha256(scan)))
  assert.deepEqual((await ben.call(operatorCaseDocument, { caseId, sha256: hash })).content, scan)

  const opened = await ben.call(operatorCase, { caseId })
  assert.deepEqual(
    [opened.granted, opened.beyond, opened.impossible, opened.accountNames, opened.approvals, opened.approvedByMe],
    [["holder_name"], ["ip_addresses"], ["content"], ["@alice"], 0, false],
  )
  assert.deepEqual((await anna.call(operatorCaseApprove, { caseId, proof: await anna.confirm("approve", caseId) })).approvals, 1)
  const early = anna.call(operatorCaseExport, { caseId, tell: true, proof: await anna.confirm("export", caseId) })
  assert.match((await refuses("operator_refused", early)).message, /must approve/)
  assert.deepEqual((await ben.call(operatorCaseApprove, { caseId, proof: await ben.confirm("approve", caseId) })).approvals, 2)
  assert.deepEqual((await anna.call(operatorOverview, {})).cases, { open: 1, awaitingApproval: 0, ready: 1 })

  const exported = await anna.call(operatorCaseExport, { caseId, tell: true, proof: await anna.confirm("export", caseId) })
  assert.equal(exported.outcome, "partial")
  const { archive, letter } = await anna.call(operatorCaseArchive, { caseId })
  assert.equal(toHex(sha256(archive)), exported.sha256)
  assert.match(letter, /@alice/)
  const { holder_name: holder } = nameIn(fromUtf8(archive))
  assert.equal(holder, "Holder of alice")

  const closed = await ben.call(operatorCase, { caseId })
  assert.deepEqual(
    [closed.outcome, closed.exportSha256, closed.approvedBy, closed.approvedByMe, closed.told, closed.noticeOpen],
    ["partial", exported.sha256, ["Anna", "Ben"], true, "told", false],
  )
  assert.ok((closed.archiveUntilMs ?? 0) > world.clock.nowMs())
  assert.deepEqual(
    (await ben.call(operatorCases, {})).cases.map((line) => [line.caseId, line.outcome]),
    [[caseId, "partial"]],
  )
  assert.deepEqual(
    (await newestEntries(6)).map(({ actor, event, case: about }) => [actor, event, about]),
    [
      ["Anna", "archive_downloaded", caseId],
      ["Anna", "case_closed", caseId],
      ["Ben", "case_approved", caseId],
      ["Anna", "case_approved", caseId],
      ["Anna", "document_attached", caseId],
      ["Anna", "case_opened", caseId],
    ],
  )
  assert.ok(
    equal(alice.account.accountId, (await anna.call(operatorAccounts, { prefix: "alice" })).accounts[0]?.accountId ?? new Uint8Array()),
  )
})

function nameIn(archive: string): Readonly<Record<string, unknown>> {
  const { accounts } = JSON.parse(archive) as { accounts: { tables: { table: string; columns: string[]; rows: unknown[][] }[] }[] }
  const [table] = accounts[0]?.tables ?? []
  assert.ok(table !== undefined)
  return Object.fromEntries(table.columns.map((column, at) => [column, table.rows[0]?.[at]]))
}

test("a case is closed with nothing handed over, once, and its confirmation is good for nothing else", async () => {
  const { caseId } = await anna.call(operatorCaseOpen, { request: JSON.stringify(deskRequest(["@alice"])) })
  const proof = await anna.confirm("close", caseId)
  await refuses("operator_refused", anna.call(operatorCaseExport, { caseId, tell: false, proof }))
  await refuses("operator_refused", anna.call(operatorCaseClose, { caseId, outcome: "rejected", tell: false, proof }))
  await anna.call(operatorCaseClose, { caseId, outcome: "rejected", tell: false, proof: await anna.confirm("close", caseId) })
  const again = anna.call(operatorCaseClose, { caseId, outcome: "rejected", tell: false, proof: await anna.confirm("close", caseId) })
  await refuses("operator_refused", again)
  assert.match((await refuses("operator_refused", anna.call(operatorCaseArchive, { caseId }))).message, /no archive/)
})

test("an account is suspended, resumed and erased, all but letting it in only with a passkey's answer for that act and account", async () => {
  const bob = await signUp(world.caller, world.server.origin, "bob")
  const carol = await signUp(world.caller, world.server.origin, "carol")
  const [bobId, carolId] = [bob.account.accountId, carol.account.accountId]
  await refuses("bad_request", anna.call(operatorAccountChange, { accountId: bobId, change: "suspend" }))
  for (const proof of [await anna.confirm("suspend", toHex(carolId)), await anna.confirm("erase", toHex(bobId))])
    await refuses("operator_refused", anna.call(operatorAccountChange, { accountId: bobId, change: "suspend", proof }))
  assert.equal((await anna.call(operatorOverview, {})).accounts.suspended, 0)
  const suspended = await anna.call(operatorAccountChange, {
    accountId: bobId,
    change: "suspend",
    proof: await anna.confirm("suspend", toHex(bobId)),
  })
  assert.equal(suspended.state, "suspended")
  assert.equal((await anna.call(operatorOverview, {})).accounts.suspended, 1)
  assert.equal((await anna.call(operatorAccountChange, { accountId: bobId, change: "resume" })).state, "active")
  await refuses("bad_request", anna.call(operatorAccountChange, { accountId: bobId, change: "erase" }))
  const forCarol = await anna.confirm("erase", toHex(carolId))
  const suspending = async (accountId: Uint8Array): Promise<unknown> =>
    anna.call(operatorAccountChange, { accountId, change: "suspend", proof: await anna.confirm("suspend", toHex(accountId)) })
  await refuses("operator_refused", anna.call(operatorAccountChange, { accountId: bobId, change: "erase", proof: forCarol }))
  const proof = await anna.confirm("erase", toHex(bobId))
  assert.deepEqual(
    [await anna.call(operatorAccountChange, { accountId: bobId, change: "erase", proof })].map(({ state, deviceCount, handle }) => [
      state,
      deviceCount,
      handle,
    ]),
    [["erased", 0, "bob"]],
  )
  assert.deepEqual(
    (await newestEntries(3)).map(({ actor, event, facts }) => [actor, event, facts]),
    ["account_erased", "account_resumed", "account_suspended"].map((event) => ["Anna", event, { account: toHex(bobId) }]),
  )
  await refuses("account_erased", suspending(bobId))
  await refuses("account_not_found", suspending(random(16)))
  assert.deepEqual(
    (await newestEntries(1)).map(({ event }) => event),
    ["account_unchanged"],
  )
})

test("accounts come page by page in the order of their handles, narrowed to a beginning", async () => {
  for (let n = 0; n < 53; n++) await signUp(world.caller, world.server.origin, `page${String(n).padStart(2, "0")}`)
  const first = await ben.call(operatorAccounts, { prefix: "page" })
  assert.deepEqual([first.accounts.length, first.more], [50, true])
  const rest = await ben.call(operatorAccounts, { prefix: "page", after: first.accounts.at(-1)?.handle ?? "" })
  assert.deepEqual([rest.accounts.map(({ handle }) => handle), rest.more], [["page50", "page51", "page52"], false])
  assert.deepEqual((await ben.call(operatorAccounts, { prefix: "nobody" })).accounts, [])
})

test("invites are made as links, listed without what opens them, and revoked", async () => {
  const { links } = await anna.call(operatorInviteCreate, { count: 2, uses: 3, days: 7, label: "for <b>friends</b>" })
  assert.equal(links.length, 2)
  for (const link of links) assert.match(link, new RegExp(`^http://${world.server.origin}/i/[0-9a-z]{16}$`))
  const { invites } = await anna.call(operatorInvites, {})
  const made = invites.filter(({ label }) => label === "for <b>friends</b>")
  assert.deepEqual(
    made.map(({ id, usesLeft }) => [id.length, usesLeft]),
    [
      [16, 3],
      [16, 3],
    ],
  )
  const id = made[0]?.id ?? ""
  assert.equal(
    id,
    toHex(sha256(toUtf8(links.find((link) => toHex(sha256(toUtf8(link.slice(-16)))).startsWith(id))?.slice(-16) ?? ""))).slice(0, 16),
  )
  await anna.call(operatorInviteRevoke, { id })
  await refuses("not_found", anna.call(operatorInviteRevoke, { id }))
  assert.equal(
    (await anna.call(operatorInvites, {})).invites.some((invite) => invite.id === id),
    false,
  )
  assert.deepEqual(
    (await newestEntries(2)).map(({ actor, event, facts }) => [
      actor,
      event,
      (facts as { invites?: string[]; invite?: string }).invites?.length,
    ]),
    [
      ["Anna", "invite_revoked", undefined],
      ["Anna", "invites_made", 2],
    ],
  )
})

test("people are invited, get another role and are removed; who was is signed out at once", async () => {
  const dora = await invitePerson(world, anna, "Dora", "operator")
  assert.deepEqual(
    (await dora.call(operatorPeople, {})).people.map(({ name, role, me }) => [name, role, me]),
    [
      ["Anna", "owner", false],
      ["Ben", "reviewer", false],
      ["Dora", "operator", true],
    ],
  )
  await anna.call(operatorPersonChange, { name: "Dora", role: "reviewer", proof: await anna.confirm("people", "Dora") })
  await refuses("unauthorized", dora.call(operatorPeople, {}))
  await dora.signIn()
  await refuses("forbidden_role", dora.call(operatorInviteCreate, { count: 1, uses: 1, days: 1, label: "x" }))
  await anna.call(operatorPersonChange, { name: "Dora", proof: await anna.confirm("people", "Dora") })
  await refuses("unauthorized", dora.call(operatorPeople, {}))
  assert.match((await refuses("unauthorized", dora.signIn())).message, /nobody/)
  const lastOwner = anna.call(operatorPersonChange, { name: "Anna", role: "operator", proof: await anna.confirm("people", "Anna") })
  assert.match((await refuses("operator_refused", lastOwner)).message, /last owner/)
})

test("a link lets one person in once, and a reviewer makes one for nobody but themselves", async () => {
  const { link } = await anna.call(operatorPersonInvite, { name: "Emil", role: "reviewer", proof: await anna.confirm("people", "Emil") })
  const { enrolments } = await ben.call(operatorPeople, {})
  assert.deepEqual(
    enrolments.map(({ name, role, recoveryAtMs }) => [name, role, recoveryAtMs]),
    [["Emil", "reviewer", undefined]],
  )
  const asked = await world.caller.call(operatorEnrolOptions, { code: codeOf(link) })
  assert.deepEqual([asked.name, asked.role, asked.invitedBy, asked.recovery], ["Emil", "reviewer", "Anna", undefined])
  await enrolWith(world, link)
  assert.match((await refuses("operator_refused", world.caller.call(operatorEnrolOptions, { code: codeOf(link) }))).message, /used/)
  const own = await ben.call(operatorPersonInvite, { name: "Ben", role: "reviewer", proof: await ben.confirm("people", "Ben") })
  const second = await enrolWith(world, own.link)
  assert.equal(second.name, "Ben")
  // Whichever of their passkeys somebody signed in with, each of them confirms.
  const { caseId } = await anna.call(operatorCaseOpen, { request: JSON.stringify(deskRequest(["@alice"])) })
  const { options } = await ben.call(operatorConfirmOptions, { act: "approve", subject: caseId })
  assert.equal((await ben.call(operatorCaseApprove, { caseId, proof: second.authenticator.get(options) })).approvals, 1)
  await refuses("forbidden_role", ben.call(operatorPersonInvite, { name: "Fay", role: "owner", proof: "{}" }))
  await refuses("forbidden_role", ben.confirm("people", "Fay"))
})

test("who signs out is out, and the settings in force name secrets without showing them", async () => {
  const { settings, fileExists } = await ben.call(operatorSettings, {})
  assert.equal(fileExists, false)
  assert.deepEqual(
    settings.filter(({ secret }) => secret).map(({ value }) => value.startsWith("not set")),
    settings.filter(({ secret }) => secret).map(() => true),
  )
  await ben.call(operatorSignOut, {})
  await refuses("unauthorized", ben.call(operatorSettings, {}))
  await ben.signIn()
  await ben.call(operatorSettings, {})
  assert.deepEqual(
    (await newestEntries(1)).map(({ actor, event }) => [actor, event]),
    [["Ben", "signed_in"]],
  )
})
