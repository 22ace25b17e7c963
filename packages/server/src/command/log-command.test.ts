import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeSearchRequest, handleLabel } from "@nodoor/keylog"
import { logSearch } from "@nodoor/wire"
import { parseCommand } from "./command-line.ts"
import { callHttp } from "../fixtures/caller.ts"
import { random, signUp } from "../fixtures/device.ts"
import { labelOf, logFolder } from "../fixtures/log.ts"
import { ServerError } from "../core/server-error.ts"
import { startServer } from "../start-server.ts"
import { type LogCommand, runLogCommand } from "./log-command.ts"

const ports = { clock: { nowMs: () => Date.now() }, random }
const refused = (error: unknown): boolean => error instanceof ServerError && error.code === "log_refused"

test("the operator changes the signing key and ends the log by hand, and the next start does it", async () => {
  const dataDir = logFolder()
  const run = (command: LogCommand): string => runLogCommand(dataDir, command, ports)
  assert.throws(() => run({ name: "status" }), refused)
  const start = (): ReturnType<typeof startServer> => startServer({ dataDir, log: () => {} })
  let server = await start()
  const before = server.keyLog.verifierKey
  await server.stop()

  assert.ok(run({ name: "status" }).includes(before))
  const said = run({ name: "rekey" })
  assert.throws(() => run({ name: "rekey" }), refused, "one change at a time")
  server = await start()
  assert.notEqual(server.keyLog.verifierKey, before)
  assert.ok(said.endsWith(server.keyLog.verifierKey))
  assert.equal((await (await fetch(`${server.url}/kt/key`)).text()).trim(), server.keyLog.verifierKey)
  await server.stop()

  run({ name: "end", successor: "chat.example/kt/2" })
  server = await start()
  const caller = callHttp(server.url)
  const { account } = await signUp(caller, server.origin, "late")
  await new Promise((resolve) => setTimeout(resolve, 1200))
  assert.equal(await server.keyLog.keeper.latestVersion({ label: labelOf(account) }), undefined, "nothing more is logged")
  const request = encodeSearchRequest({
    lastSize: undefined,
    logKey: random(32),
    knownPolicy: undefined,
    labels: [{ label: handleLabel("late"), knownVersion: undefined }],
  })
  assert.ok((await caller.call(logSearch, { request })).response.length > 0, "it still answers")
  caller.close()
  await server.stop()
  assert.match(run({ name: "status" }), /^ended {6}yes$/m)
})

test("the words of the log's commands are checked", () => {
  assert.deepEqual(parseCommand(["log", "status"]), { name: "log", log: { name: "status" } })
  assert.deepEqual(parseCommand(["log", "end", "chat.example/kt/2"]), { name: "log", log: { name: "end", successor: "chat.example/kt/2" } })
  for (const words of [[], ["x"], ["rekey", "now"], ["status", "x"], ["end", "a b"], ["end", "a", "b"]]) {
    assert.throws(() => parseCommand(["log", ...words]), { code: "usage" }, words.join(" "))
  }
})
