// The real CLI on the real SDK against a real server process that is killed in the middle.

import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type TestContext, test } from "node:test"
import { runWords } from "./fixtures/command-line.ts"

const serverMain = resolve(import.meta.dirname, "../../server/src/main.ts")
const launcher = resolve(import.meta.dirname, "../bin/nodoor.mjs")

test(
  "three people talk in a group, the server is killed in the middle, and every message is printed once",
  { timeout: 120_000 },
  async (t) => {
    const { folder, port, start } = await world(t)
    const server = await start()
    const run = terminal(folder)
    for (const name of ["alice", "bob", "carol"]) {
      const { code } = await run(name, "register", "--server", `http://127.0.0.1:${port}`, "--handle", name, "--name", `${name} example`)
      assert.equal(code, 0, name)
    }
    assert.equal((await run("alice", "register", "--server", `http://127.0.0.1:${port}`, "--handle", "alice2", "--name", "x")).code, 2)
    assert.equal((await run("dave", "register", "--server", `http://127.0.0.1:${port}`, "--handle", "alice", "--name", "x")).code, 6)

    const sent = await run("alice", "send", "@bob", "hello bob")
    assert.equal(sent.code, 0, sent.talk)
    const [first] = (await run("bob", "receive", "--json", "--wait", "10")).json
    assert.deepEqual([first?.from, first?.text, first?.request], ["@alice", "hello bob", true])
    assert.equal((await run("bob", "accept", "@alice")).code, 0)
    assert.equal((await run("bob", "send", "@alice", "hello alice")).code, 0)
    assert.deepEqual((await run("alice", "receive", "--json", "--wait", "10")).texts, ["hello alice"])
    const digits = (await run("alice", "safety", "@bob")).out.join(" ")
    assert.equal((await run("bob", "verify", "@alice", "--digits", digits.replaceAll("\n", " "))).code, 0)

    const [team = ""] = (await run("alice", "group", "create", "Team", "@bob", "@carol")).out
    assert.equal((await run("alice", "send", "--chat", team, "one")).code, 0)
    assert.deepEqual((await run("carol", "receive", "--json", "--wait", "10")).texts, ["one"])
    assert.equal((await run("carol", "accept", "Team")).code, 0)

    server.kill("SIGKILL")
    await once(server, "exit")
    const queued = await run("carol", "send", "--chat", "Team", "two, while the server was dead")
    assert.deepEqual([queued.code, queued.out.length], [5, 1])
    assert.match(queued.talk, /stored on this device and will be sent automatically/)
    assert.equal((await run("bob", "receive")).code, 5)

    await start()
    assert.equal((await run("carol", "receive")).code, 0)
    assert.deepEqual((await run("bob", "receive", "--json", "--wait", "10")).texts, ["one", "two, while the server was dead"])
    assert.deepEqual((await run("alice", "receive", "--json", "--wait", "10")).texts, ["two, while the server was dead"])
    for (const name of ["alice", "bob", "carol"]) assert.deepEqual((await run(name, "receive", "--json")).texts, [], name)

    assert.equal((await run("bob", "group", "remove", "Team", "@carol")).code, 4)
    assert.equal((await run("alice", "group", "remove", "Team", "@carol")).code, 0)
    assert.equal((await run("carol", "chats")).code, 0)
    assert.equal((await run("carol", "send", "--chat", "Team", "still here?")).code, 4)
    assert.equal((await run("alice", "send", "@nobody", "x")).code, 3)

    const exported = JSON.parse((await run("alice", "export")).out[0] ?? "") as { serverRecord: { handle: string; accountId: string } }
    assert.deepEqual([exported.serverRecord.handle, exported.serverRecord.accountId.length], ["alice", 32])
    const archive = join(folder, "alice.nodoor-archive")
    assert.equal((await run("alice", "backup", "create", "--out", archive)).code, 0)
    assert.equal((await run("alice", "backup", "create", "--out", archive)).code, 2, "an existing file is not touched")
    const [whole] = (await run("alice", "backup", "verify", archive, "--json")).json as unknown as {
      accountHandle: string
      messages: number
      chats: { id: string }[]
    }[]
    assert.deepEqual([whole?.accountHandle, whole?.messages], ["alice", 4])
    assert.equal((await run("bob", "backup", "verify", archive)).code, 4, "another account's key does not open it")
    assert.equal((await run("alice", "backup", "restore", archive)).code, 2, "not without --yes")
    assert.match((await run("alice", "backup", "restore", archive, "--yes")).out.join(), /^0 messages/, "all of it is here")
    assert.match((await run("alice", "backup", "restore", archive, "--yes")).out.join(), /Nothing changed/)
    assert.equal((await run("alice", "backup", "restore", archive, "--yes", "--chat", "nobody's")).code, 3)
    const [chosen] = whole?.chats ?? []
    assert.equal((await run("alice", "backup", "restore", archive, "--yes", "--chat", chosen?.id ?? "")).code, 0)
    const kept = await run("alice", "backup", "set", "server")
    assert.equal(kept.code, 0, kept.talk)
    const made = await run("alice", "backup", "create")
    assert.equal(made.code, 0, made.talk)
    const [listed] = (await run("alice", "backup", "list", "--json")).json as unknown as {
      status: string
      target: string
      kept: unknown[]
    }[]
    assert.deepEqual([listed?.status, listed?.target, (listed?.kept.length ?? 0) > 0], ["fresh", "server", true])
    assert.equal((await run("alice", "backup", "restore", "--yes")).code, 0)
    const page = (await run("alice", "export", "--format", "html")).out.join("\n")
    assert.ok(page.includes("hello alice") && !page.includes("<script"))
    assert.equal((await run("alice", "account", "delete", "@alice")).code, 2, "not without --yes")
    assert.deepEqual((await run("alice", "account", "delete", "--yes", "@alice")).out, ["@alice is deleted"])
    assert.equal((await run("alice", "send", "--chat", "Team", "anybody?")).code, 4)
    assert.equal((await run("alice", "messages", "--chat", "Team")).code, 0, "what is here stays readable")
    assert.equal((await run("alice", "receive")).code, 0)
    for (const file of await readdir(join(folder, "alice"))) {
      const content = await readFile(join(folder, "alice", file))
      assert.equal(content.includes("hello alice") || content.includes(team), false, `${file} is readable`)
    }
  },
)

test("the launcher runs the CLI with the Node of the repository and passes its exit code on", async () => {
  for (const [words, code] of [
    [["--version"], 0],
    [["no-such-verb"], 2],
  ] as const) {
    const child = spawn(process.execPath, [launcher, ...words], { stdio: "ignore" })
    assert.deepEqual(await once(child, "exit"), [code, null], words.join(" "))
  }
})

interface World {
  readonly folder: string
  readonly port: number
  /** Starts the server's own process on the same data and port, and resolves once it listens. */
  start(): Promise<ChildProcess>
}

async function world(t: TestContext): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "nodoor-cli-"))
  const port = await freePort()
  const running: ChildProcess[] = []
  t.after(async () => {
    for (const child of running) child.kill("SIGKILL")
    await rm(folder, { recursive: true })
  })
  const start = async (): Promise<ChildProcess> => {
    const env = { ...process.env, NODOOR_DATA: join(folder, "server"), PORT: String(port), HOST: "127.0.0.1" }
    const child = spawn(process.execPath, [serverMain, "start"], { env, stdio: ["ignore", "pipe", "ignore"] })
    running.push(child)
    await new Promise<void>((listening, reject) => {
      child.stdout.on("data", (part: Buffer) => part.includes("http://") && listening())
      child.on("exit", () => reject(new Error("the server ended before it listened")))
    })
    return child
  }
  return { folder, port, start }
}

interface Line {
  readonly from: string
  readonly text: string
  readonly request: boolean
}

interface Result {
  readonly code: number
  readonly out: readonly string[]
  readonly talk: string
  readonly json: readonly Line[]
  readonly texts: readonly string[]
}

/** Runs command lines with the profile of a name, in this process. */
function terminal(folder: string): (profile: string, ...words: string[]) => Promise<Result> {
  return async (profile, ...words) => {
    const ran = await runWords(join(folder, profile), words)
    const json = words.includes("--json") ? ran.out.map((line) => JSON.parse(line) as Line) : []
    return { ...ran, json, texts: json.map(({ text }) => text) }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const address = probe.address()
  probe.close()
  await once(probe, "close")
  return typeof address === "object" && address !== null ? address.port : 0
}
