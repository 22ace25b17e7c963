// A desk.sqlite of the first schema, with a case that two people signed with their keys, opened by this version.

import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { canonicalJson } from "@nodoor/bytes"
import { serverCrypto } from "../../core/crypto.ts"
import { deskRequest, newKey } from "../../fixtures/desk.ts"
import { ServerError, type ServerErrorCode } from "../../core/server-error.ts"
import { Actor } from "../people/actor.ts"
import { approvalInput, approversOf, caseDigest, readCase } from "../cases/case.ts"
import { deskSchema, inTransaction, openDeskDatabase, appendAudit, readAudit } from "./desk-database.ts"
import { activePeople, allCredentials } from "../people/person.ts"

test("a desk of schema 1 keeps its people, cases, approvals and log: whoever could decide is an owner, and every signature still holds", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-desk-1-"))
  const path = join(directory, "desk.sqlite")
  const [anna, ben, gone] = [newKey(), newKey(), newKey()]
  const deskCase = {
    caseId: "0123456789",
    request: deskRequest(["@alice"]),
    openedAtMs: 3,
    documents: [],
    outcome: undefined,
    closedAtMs: undefined,
  }
  const digest = caseDigest(deskCase)
  const old = new DatabaseSync(path)
  old.exec(readFileSync(new URL("../../fixtures/schemas/desk-1.sql", import.meta.url), "utf8"))
  old.exec(`PRAGMA application_id = ${deskSchema.applicationId}; PRAGMA user_version = 1`)
  for (const [at, [name, key]] of Object.entries([
    ["Anna", anna],
    ["Ben", ben],
    ["Gone", gone],
  ] as const)) {
    const added = old.prepare("INSERT INTO operators VALUES (?, ?, ?, ?, ?)")
    added.run(Number(at) + 1, name, key.publicKey, 1, name === "Gone" ? 2 : null)
    const signature = serverCrypto.signEd25519({ privateKey: key.privateKey, message: approvalInput(digest) })
    old.prepare("INSERT INTO approvals VALUES (?, ?, ?, ?, ?)").run(deskCase.caseId, Number(at) + 1, digest, signature, 4)
  }
  old.prepare("INSERT INTO cases VALUES (?, ?, 3, NULL, NULL)").run(deskCase.caseId, canonicalJson({ ...deskCase.request }))
  old.prepare("INSERT INTO cases VALUES ('0000000001', ?, 3, NULL, NULL)").run(canonicalJson({ ...deskCase.request }))
  const stray = caseDigest({ ...deskCase, caseId: "0000000001" })
  old.prepare("INSERT INTO approvals VALUES ('0000000001', 9, ?, ?, 4)").run(stray, new Uint8Array(64))
  old.prepare("INSERT INTO notices VALUES (?, '', NULL, NULL)").run(deskCase.caseId)
  const entry = canonicalJson({ seq: 1, prev: "00".repeat(32), timeMs: 3, actor: "Anna", event: "case_opened", case: deskCase.caseId })
  old.prepare("INSERT INTO audit VALUES (1, ?, ?)").run(entry, serverCrypto.sha256(entry))
  old.close()

  const db = openDeskDatabase(path)
  assert.deepEqual(
    activePeople(db).map(({ name, role }) => [name, role]),
    [
      ["Anna", "owner"],
      ["Ben", "owner"],
    ],
  )
  assert.deepEqual(
    approversOf(db, readCase(db, deskCase.caseId)).map(({ name }) => name),
    ["Anna", "Ben"],
  )
  const refused = (code: ServerErrorCode) => (error: unknown) => error instanceof ServerError && error.code === code
  assert.throws(() => approversOf(db, readCase(db, "0000000001")), refused("desk_damaged"), "of nobody: it is not lost, and stops the case")
  assert.equal(Actor.ofKey(db, anna).name, "Anna")
  assert.throws(() => Actor.ofKey(db, gone), refused("operator_unknown"))
  assert.equal(allCredentials(db).length, 3, "a key that was removed stays known, so that it does not come back")
  inTransaction(db, () => appendAudit(db, { timeMs: 5, actor: "Anna", event: "case_closed" }))
  assert.equal(readAudit(db).length, 2)
  assert.throws(() => db.run("DELETE FROM audit"), /append-only/)
  db.close()
  rmSync(directory, { recursive: true })
})
