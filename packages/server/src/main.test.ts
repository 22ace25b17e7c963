// The program as an operator meets it: its words, its exit codes, Ctrl-C.

import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { takeDataDir } from "./sqlite/data-dir.ts"
import { callHttp } from "./fixtures/caller.ts"
import { signUp } from "./fixtures/device.ts"
import { createOutboxMailer, createSmtpMailer } from "./accounts/mail.ts"
import { ServerError } from "./core/server-error.ts"
import { openInProcessDeliveryStore } from "./delivery/store/sqlite/in-process.ts"
import { startServer } from "./service/start-server.ts"
import { asServerError } from "./sqlite/database.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-main-"))
const children = new Set<ChildProcess>()
after(() => {
  for (const child of children) child.kill("SIGKILL")
  rmSync(directory, { recursive: true })
})

interface Run {
  readonly child: ChildProcess
  readonly done: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
  said(words: RegExp): Promise<string>
}
function run(words: readonly string[], environment: Record<string, string>): Run {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...words], {
    env: { ...process.env, ...environment },
  })
  children.add(child)
  let [out, err] = ["", ""]
  child.stdout.on("data", (text: Buffer) => (out += text.toString()))
  child.stderr.on("data", (text: Buffer) => (err += text.toString()))
  const done = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, out, err })),
  )
  const said = async (pattern: RegExp): Promise<string> => {
    for (let at = 0; at < 1000; at++) {
      const found = pattern.exec(out)
      if (found) return found[1] ?? found[0]
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new TypeError(`not said: ${out} ${err}`)
  }
  return { child, done, said }
}

test("start prints address, invite link and findings; Ctrl-C ends it cleanly; a second server and a taken port are refused with their codes", async () => {
  const dataDir = join(directory, "data")
  const first = run(["start"], { NODOOR_DATA: dataDir, PORT: "0" })
  const url = await first.said(/: (http:\/\/127\.0\.0\.1:\d+)\n/)
  await first.said(/\/i\/[0-9a-z]{16}\n/)
  await first.said(/ok +database +healthy/)
  await first.said(/Ctrl-C/)
  const origin = await first.said(/bound to (\S+)/)
  assert.equal(
    await first.said(
      /console: (\S+)\nNobody can sign in to the console yet\. To make the first link, run: nodoor-server desk operator invite NAME/,
    ),
    `http://${origin}/operator`,
  )
  const caller = callHttp(url)
  await signUp(caller, origin, "alice")
  caller.close()

  const second = await run(["start"], { NODOOR_DATA: dataDir, PORT: "0" }).done
  assert.equal(second.code, 3)
  assert.match(second.err, /data_dir_in_use/)
  const invites = await run(["invite", "--count", "2", "--days", "3"], { NODOOR_DATA: dataDir }).done
  assert.match(invites.out, /^http:\/\/localhost:\d+\/i\/[0-9a-z]{16}\nhttp:\/\/localhost:\d+\/i\/[0-9a-z]{16}\n$/)

  first.child.kill("SIGINT")
  assert.equal((await first.done).code, 0)
  assert.ok(!readdirSync(dataDir).includes("accounts.db-wal"), "the write-ahead log is in the database file")
  assert.equal((await run(["user", "count"], { NODOOR_DATA: dataDir }).done).out, "active 1\nsuspended 0\nerased 0\n")
  const moved = await run(["start"], { NODOOR_DATA: dataDir, PORT: "0", NODOOR_ORIGIN: "chat.example.org" }).done
  assert.deepEqual([moved.code, /origin_changed/.test(moved.err)], [2, true])

  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve))
  const port = String((taken.address() as AddressInfo).port)
  const refused = await run(["start"], { NODOOR_DATA: dataDir, PORT: port }).done
  assert.deepEqual([refused.code, /port_in_use/.test(refused.err)], [4, true])
  taken.close()
})

test("wrong words and wrong settings say what is wrong and exit with 2, a database that is none with 3", async () => {
  const words = await run(["strat\u001b[2J\u202e"], {}).done
  assert.deepEqual([words.code, /There is no command "strat\\\\?u001b[\s\S]*nodoor-server --help/.test(words.err)], [2, true])
  const dataDir = mkdtempSync(join(directory, "bad-"))
  writeFileSync(join(dataDir, "nodoor.toml"), "[retention]\nip_day = 3\n")
  const setting = await run(["doctor"], { NODOOR_DATA: dataDir }).done
  assert.deepEqual([setting.code, /retention\.ip_day.*retention\.ip_days/.test(setting.err)], [2, true])
  const broken = mkdtempSync(join(directory, "broken-"))
  writeFileSync(join(broken, "accounts.db"), "not a database, but long enough to be looked at as one")
  const database = await run(["start"], { NODOOR_DATA: broken, PORT: "0" }).done
  assert.deepEqual([database.code, /database_foreign/.test(database.err)], [3, true])
})

test("doctor says that the delivery database is damaged, and leaves it as it was", async () => {
  const dataDir = mkdtempSync(join(directory, "damaged-"))
  assert.equal((await run(["invite", "create"], { NODOOR_DATA: dataDir }).done).code, 0)
  const path = join(dataDir, "delivery.db")
  await openInProcessDeliveryStore(path).close()
  assert.match((await run(["doctor"], { NODOOR_DATA: dataDir }).done).out, /delivery database +healthy/)
  const bytes = readFileSync(path)
  // Pages behind the first, which holds the structure.
  writeFileSync(path, bytes.fill(7, 4096))
  const damaged = await run(["doctor"], { NODOOR_DATA: dataDir }).done
  assert.match(damaged.out, /delivery database +damaged; restore it from a backup/)
  assert.notEqual(damaged.code, 0)
  assert.deepEqual(readFileSync(path), bytes)
})

test("config check prints every setting with its source, and refuses what a start would refuse, also witnesses whose keys are none", async () => {
  const dataDir = mkdtempSync(join(directory, "config-"))
  const sound = await run(["config", "check"], { NODOOR_DATA: dataDir, NODOOR_METRICS_TOKEN: "a token of sixteen" }).done
  assert.equal(sound.code, 0)
  assert.match(
    sound.out,
    /nodoor\.toml, which does not exist\n[\s\S]*server\.port +8080\n[\s\S]*metrics\.token +set +\(NODOOR_METRICS_TOKEN\)/,
  )
  const witness = { NODOOR_LOG_WITNESSES: "a.example/w+1a2b3c4d+BAAA https://a.example" }
  const refused = await run(["config", "check"], { NODOOR_DATA: dataDir, ...witness }).done
  assert.deepEqual([refused.code, /log\.witnesses: begin each line with the verifier key/.test(refused.err)], [2, true])
})

test("a server without a name of its own is not started on every address, nor on one that is not this machine's", async () => {
  const start = (host: string): Promise<unknown> => startServer({ dataDir: mkdtempSync(join(directory, "host-")), host, log: () => {} })
  await assert.rejects(start("0.0.0.0"), (error: unknown) => error instanceof ServerError && error.code === "config_invalid")
  await assert.rejects(start("192.0.2.77"), (error: unknown) => error instanceof ServerError && error.code === "port_refused")
})

test("the outbox holds the code and its file name tells nothing; a mail server that is away is mail_failed", async () => {
  const outbox = join(directory, "outbox")
  const mailer = createOutboxMailer(outbox, { clock: { nowMs: () => 1 }, random: (sizeBytes) => new Uint8Array(sizeBytes) })
  const message = { to: "alice@example.org", code: "12345678", origin: "chat.example" }
  await mailer.sendCode(message)
  assert.deepEqual(readdirSync(outbox), ["1-00000000.eml"])
  const failed = (error: unknown): boolean => error instanceof ServerError && error.code === "mail_failed"
  await assert.rejects(mailer.sendCode(message), failed, "never overwrites")
  await assert.rejects(createSmtpMailer({ smtpUrl: "smtp://127.0.0.1:1", from: "n@example.org" }).sendCode(message), failed)
})

test("a full disk, a disk that fails, damage and a file of another kind are told apart", () => {
  const codeOf = (errcode: number): string => (asServerError(Object.assign(new Error("x"), { errcode })) as ServerError).code
  assert.deepEqual([13, 10, 10 | (3 << 8), 11, 11 | (1 << 8), 26, 14].map(codeOf), [
    "disk_full",
    "data_dir_unusable",
    "data_dir_unusable",
    "database_damaged",
    "database_damaged",
    "database_foreign",
    "data_dir_unusable",
  ])
})

test("a data directory whose lock cannot be written is not called another server's", () => {
  const dataDir = mkdtempSync(join(directory, "lock-"))
  mkdirSync(join(dataDir, "server.lock"))
  assert.throws(
    () => takeDataDir(dataDir),
    (error) => error instanceof ServerError && error.code === "data_dir_unusable",
  )
})
