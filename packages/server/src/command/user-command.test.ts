// What somebody at the machine does with accounts and invites while the server runs, and the trace of it in the desk's log.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { WireError, ownRecord } from "@nodoor/wire"
import { readAudit } from "../desk/store/desk-database.ts"
import { openDeskFile } from "../desk/open-desk.ts"
import { callHttp } from "../fixtures/caller.ts"
import { runCommand } from "../fixtures/command.ts"
import { signIn, signUp } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { ServerError, type ServerErrorCode } from "../core/server-error.ts"
import { type RunningServer, startServer } from "../service/start-server.ts"

/** A running server, and commands on its files as another process has them. */
async function withServer(
  run: (
    server: RunningServer,
    command: (...words: string[]) => Promise<string>,
    audit: () => readonly { readonly [name: string]: unknown }[],
  ) => Promise<void>,
): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-user-"))
  const server = await startServer({ dataDir, config: { registration: "open" }, log: () => {} })
  const desk = openDeskFile(dataDir)
  const command = (...words: string[]): Promise<string> => runCommand(words, { dataDir })
  try {
    await run(server, command, () => readAudit(desk))
  } finally {
    desk.close()
    await server.stop()
    rmSync(dataDir, { recursive: true })
  }
}

const fails = (code: ServerErrorCode, work: Promise<unknown>): Promise<void> =>
  assert.rejects(work, (error: unknown) => error instanceof ServerError && error.code === code)

test("suspending and erasing from the command line ends a running server's sessions, and is in the desk's log as done by the server", () =>
  withServer(async (server, command, audit) => {
    const caller = callHttp(server.url)
    const alice = await signUp(caller, server.origin, "alice", { name: "Alice Holder" })
    const bob = await signUp(caller, server.origin, "bob", { name: "Bob Holder" })
    const ended = async (token: Uint8Array): Promise<void> => {
      for (let tries = 0; tries < 200; tries++) {
        const refused = await caller.call(ownRecord, {}, token).catch((error: unknown) => error)
        if (refused instanceof WireError) return assert.equal(refused.code, "unauthorized")
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      assert.fail("the session goes on")
    }

    assert.match(await command("user", "suspend", "@alice"), /@alice is suspended/)
    await ended(alice.token)
    await refuses("account_suspended", signIn(caller, server.origin, alice.device))
    assert.match(await command("user", "resume", "alice"), /is active again/)
    await signIn(caller, server.origin, alice.device)
    assert.match(await command("user", "erase", "@bob", "--yes"), /@bob is erased/)
    await ended(bob.token)
    assert.equal(await command("user", "count"), "active 1\nsuspended 0\nerased 1")
    const [aliceId, bobId] = [alice, bob].map(({ account }) => toHex(account.accountId))
    assert.deepEqual(
      audit().map(({ actor, event, facts }) => [actor, event, (facts as { account: string }).account]),
      [
        ["server", "account_suspended", aliceId],
        ["server", "account_resumed", aliceId],
        ["server", "account_erased", bobId],
      ],
    )
    caller.close()
  }))

test("accounts are shown and listed without anything that the desk hands over, and what does not exist is refused without a trace", () =>
  withServer(async (server, command, audit) => {
    const caller = callHttp(server.url)
    const alice = await signUp(caller, server.origin, "alice", { name: "Alice Holder" })
    await signUp(caller, server.origin, "ali", { name: "Al Holder" })
    const shown = await command("user", "show", "@ali")
    assert.match(shown, /^@ali, active\naccount {4}[0-9a-f]{32}\n/)
    assert.match(shown, /only in a case of the desk/)
    const listed = await command("user", "list", "--prefix", "@al")
    assert.match(listed, /^handle +state +devices +created +last seen\n@ali +active +1 +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d\n@alice /)
    for (const text of [shown, listed, await command("user", "show", "alice")]) assert.doesNotMatch(text, /Holder|127\.0\.0\.1|::1/)
    assert.equal((await command("user", "list", "--prefix", "b")).split("\n").length, 1)

    await fails("account_unknown", command("user", "show", "@al"))
    await fails("account_unknown", command("user", "suspend", "@nobody"))
    await fails("usage", command("user", "erase", "@alice"))
    assert.equal(audit().length, 0)
    await command("user", "erase", "@alice", "--yes")
    await fails("account_unknown", command("user", "resume", "@alice"))
    assert.equal(audit().length, 1)
    assert.equal((await server.store.accountRow({ accountId: alice.account.accountId }))?.name, "")
    caller.close()
  }))

test("an invite for several people is made, listed and taken back; the log knows its id and nobody learns its code", () =>
  withServer(async (_, command, audit) => {
    const links = (await command("invite", "--count", "2", "--uses", "5", "--days", "3")).split("\n")
    assert.equal(links.length, 2)
    const [head, first, second, ...more] = (await command("invite", "list")).split("\n")
    assert.match(head ?? "", /^id +uses left +until +made by$/)
    assert.match(first ?? "", /^[0-9a-f]{16} +5 +\d{4}-\d\d-\d\d \d\d:\d\d +invite$/)
    assert.deepEqual(more, [])
    const id = (second ?? "").slice(0, 16)
    await command("invite", "revoke", id)
    await fails("invite_unknown", command("invite", "revoke", id))
    assert.equal((await command("invite", "list")).split("\n").length, 2)
    assert.deepEqual(
      audit().map(({ actor, event }) => [actor, event]),
      [
        ["server", "invites_made"],
        ["server", "invite_revoked"],
      ],
    )
    const text = JSON.stringify(audit())
    assert.ok(text.includes(id) && links.every((link) => !text.includes(link.split("/i/")[1] ?? "?")))
  }))
