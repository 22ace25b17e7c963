import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeSearchRequest, handleLabel } from "@nodoor/keylog"
import { logSearch } from "@nodoor/wire"
import { callHttp } from "../fixtures/caller.ts"
import { random, signUp } from "../fixtures/device.ts"
import { labelOf, logFolder } from "../fixtures/log.ts"
import { ServerError } from "../core/server-error.ts"
import { startServer } from "../service/start-server.ts"
import { runCommand } from "../fixtures/command.ts"

const refused = (error: unknown): boolean => error instanceof ServerError && error.code === "log_refused"

test("the operator changes the signing key and ends the log by hand, and the next start does it", async () => {
  const dataDir = logFolder()
  const run = (...words: string[]): Promise<string> => runCommand(["log", ...words], { dataDir })
  await assert.rejects(run("status"), refused)
  const start = (): ReturnType<typeof startServer> => startServer({ dataDir, log: () => {} })
  let server = await start()
  const before = server.keyLog.verifierKey
  await server.stop()

  assert.ok((await run("status")).includes(before))
  const said = await run("rekey")
  await assert.rejects(run("rekey"), refused, "one change at a time")
  server = await start()
  assert.notEqual(server.keyLog.verifierKey, before)
  assert.ok(said.endsWith(server.keyLog.verifierKey))
  assert.equal((await (await fetch(`${server.url}/kt/key`)).text()).trim(), server.keyLog.verifierKey)
  await server.stop()

  await run("end", "chat.example/kt/2")
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
  assert.match(await run("status"), /^ended {6}yes$/m)
})
