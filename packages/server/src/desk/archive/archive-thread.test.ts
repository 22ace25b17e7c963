import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { fromUtf8 } from "@nodoor/bytes"
import { lookup, ownArchive, serverInfo } from "@nodoor/wire"
import { operatorCaseApprove, operatorCaseArchive, operatorCaseExport, operatorCaseOpen, operatorOverview } from "@nodoor/wire/operator"
import { enrolWith, firstLink, invitePerson, startConsoleWorld } from "../../fixtures/console.ts"
import { deskRequest } from "../../fixtures/desk.ts"
import { type SignedIn, signUp } from "../../fixtures/device.ts"

const accountCount = 200

test("while an archive of hundreds of accounts is made, the serving thread goes on answering; then the archive is there, and people get theirs", async (t) => {
  const archiveScript = new URL("../../fixtures/held-archive-worker.ts", import.meta.url)
  const world = await startConsoleWorld({ archiveScript })
  t.after(() => world.close())
  const { caller, server, dataDir } = world
  const anna = await enrolWith(world, await firstLink(world, "Anna"))
  const ben = await invitePerson(world, anna, "Ben", "owner")
  const people: SignedIn[] = []
  for (let at = 0; at < accountCount; at++) people.push(await signUp(caller, server.origin, `person${at}`))
  const [first] = people
  assert.ok(first !== undefined)

  const handles = people.map((_, at) => `@person${at}`)
  const request = JSON.stringify(deskRequest(handles, { bulkReason: "all members of the board are named" }))
  const { caseId } = await anna.call(operatorCaseOpen, { request })
  for (const person of [anna, ben]) await person.call(operatorCaseApprove, { caseId, proof: await person.confirm("approve", caseId) })

  let finished = 0
  const made = <T>(answer: Promise<T>): Promise<T> => answer.finally(() => finished++)
  const exported = made(anna.call(operatorCaseExport, { caseId, tell: true, proof: await anna.confirm("export", caseId) }))
  const own = made(caller.call(ownArchive, {}, first.token))
  for (let at = 0; at < 50; at++) {
    await caller.call(serverInfo, {})
    await caller.call(lookup, { handle: `person${at}` }, first.token)
  }
  assert.equal((await ben.call(operatorOverview, {})).cases.open, 1)
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
  assert.equal(finished, 0, "neither archive can be ready: the thread that makes them is held")

  writeFileSync(join(dataDir, "release-archives"), "")
  assert.equal((await exported).outcome, "full")
  assert.ok(fromUtf8((await own).archive).includes("Holder of person0"))
  const { archive } = await anna.call(operatorCaseArchive, { caseId })
  const { accounts } = JSON.parse(fromUtf8(archive)) as { accounts: { asked: string; found: boolean }[] }
  assert.deepEqual(
    accounts.filter(({ found }) => found).map(({ asked }) => asked),
    handles,
  )
})
