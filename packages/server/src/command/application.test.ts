// The command line: what each command accepts, and what is said about the rest.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { ServerError } from "../core/server-error.ts"
import { random } from "../fixtures/device.ts"
import { runServerCommand } from "./application.ts"

const dataDir = mkdtempSync(join(tmpdir(), "nodoor-words-"))
after(() => rmSync(dataDir, { recursive: true }))

async function run(
  ...words: string[]
): Promise<{ readonly exitCode: number; readonly failure: unknown; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const { exitCode, failure } = await runServerCommand(words, {
    say: (text) => void out.push(text),
    complain: (text) => void err.push(text),
    sayQr: () => {},
    env: { NODOOR_DATA: dataDir },
    clock: { nowMs: () => Date.now() },
    random,
  })
  return { exitCode, failure, out: out.join("\n"), err: err.join("\n") }
}

test("every word that a command does not accept is a usage error with exit code 2, and nothing is done", async () => {
  for (const words of [
    ["strat"],
    ["start", "now"],
    ["doctor", "--fast"],
    ["migrate"],
    ["backup"],
    ["restore", "a", "b"],
    ["config"],
    ["config", "check", "it"],
    ["invite", "--count"],
    ["invite", "--count", "0"],
    ["invite", "--days", "x"],
    ["invite", "--much", "1"],
    ["invite", "--count", "1", "--count", "2"],
    ["invite", "--uses", "1001"],
    ["invite", "revoke"],
    ["invite", "revoke", "%"],
    ["invite", "list", "all"],
    ["user"],
    ["user", "list", "all"],
    ["user", "show"],
    ["user", "erase", "@alice"],
    ["user", "suspend", "@alice", "--yes"],
    ["log"],
    ["log", "x"],
    ["log", "rekey", "now"],
    ["log", "status", "x"],
    ["log", "end", "a b"],
    ["log", "end", "a", "b"],
    ["canary"],
    ["canary", "draft", "file"],
    ["canary", "draft", "file", "two", "key"],
    ["canary", "sign", "file"],
    ["canary", "publish", "a", "b"],
    ["export", "0123456789"],
  ]) {
    const { exitCode, failure, err } = await run(...words)
    assert.equal(exitCode, 2, words.join(" "))
    assert.ok(failure instanceof ServerError && failure.code === "usage", words.join(" "))
    assert.ok(err.length > 0, words.join(" "))
  }
})

test("an error names the word, what is accepted instead, and where the help is", async () => {
  const said = async (...words: string[]): Promise<string> => (await run(...words)).err
  assert.match(await said("strat"), /There is no command "strat"\. Did you mean `?start`?\?/)
  assert.match(await said("invite", "--dais", "1"), /no flag --dais\. Did you mean --days\?/)
  assert.match(await said("invite", "--days", "400"), /Invalid value "400" for (?:--)?days: use a whole number from 1 to 365\./)
  assert.match(
    await said("desk", "close", "x", "--outcome", "full", "--key", "y"),
    /--outcome must be rejected, challenged or withdrawn, not "full"/,
  )
  assert.match(await said("desk", "approve", "x"), /--key and its value are missing/)
  assert.match(await said("user", "show"), /The argument <@handle> is missing/)
  assert.match(await said("user", "count", "all"), /Unexpected argument "all"/)
  assert.match(await said("strat"), /\(usage\)\nnodoor-server --help lists the commands/)
})

test("help describes every command and flag, and comes with exit code 0", async () => {
  const help = await run("--help")
  assert.equal(help.exitCode, 0)
  for (const name of ["start", "doctor", "config", "migrate", "backup", "restore", "log", "invite", "user", "desk", "export", "canary"])
    assert.match(help.out, new RegExp(`^ +${name}\\b`, "m"))
  assert.match(help.out, /NODOOR_DATA/)
  assert.match(help.out, /Exit codes: 0 done, 1 failed, 2 command line or configuration, 3 data directory or database, 4 port/)
  assert.equal((await run("help")).out, help.out)
  const flags = await run("invite", "create", "--help")
  for (const flag of ["count", "days", "uses"]) assert.match(flags.out, new RegExp(`--${flag}`))
  assert.match((await run("desk", "export", "--help")).out, /--tell[\s\S]*yes\|no/)
  assert.match((await run("--version")).out, /^\d+\.\d+\.\d+$/)
})

test("export is desk export, so there is no export without a case", async () => {
  const [short, long] = [await run("export", "--help"), await run("desk", "export", "--help")]
  assert.equal(short.out.replaceAll("nodoor-server export", "nodoor-server desk export"), long.out)
})
