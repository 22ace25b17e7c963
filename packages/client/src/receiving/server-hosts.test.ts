import assert from "node:assert/strict"
import { test } from "node:test"
import type { ServerInfo } from "@nodoor/wire"
import { NetworkError } from "../core/client-error.ts"
import type { JobEnd, JobKind } from "../core/jobs.ts"
import { ServerHosts } from "./server-hosts.ts"

const own = { serverUrl: "https://chat.example", origin: "chat.example", server: { readHost: "read.example" } as ServerInfo }

function world() {
  const said = { answer: { origin: "chat.example", readHost: "read.example" } as Partial<ServerInfo>, fails: false }
  const written: string[] = []
  const due: number[] = []
  let run: () => Promise<JobEnd> = async () => undefined
  const tx = {
    read: async () => [{ server_info: JSON.stringify({ version: "1", readHost: "read.example" }) }],
    write: (_: string, text: string) => void written.push(text),
  }
  const hosts = new ServerHosts({
    own,
    network: {
      call: async () => {
        if (said.fails) throw new NetworkError("away", { maybeDone: false })
        return said.answer as never
      },
    },
    jobs: {
      register: (kind: JobKind) => void (run = async () => await kind.run("", 0)),
      schedule: ({ inMs }) => void due.push(inMs),
    },
    transactions: { run: (work: (of: never) => Promise<unknown>) => work(tx as never) } as never,
  })
  const urls = (): readonly string[] => [hosts.url("reading"), hosts.url("posting")]
  return { hosts, urls, said, written, due, run: () => run() }
}

test("names that the server moved its streams to are learned every day, and kept", async () => {
  const { hosts, urls, said, written, due, run } = world()
  assert.deepEqual(urls(), ["https://read.example", "https://chat.example"])
  hosts.online()
  assert.deepEqual(due, [86_400_000])
  said.answer = { origin: "chat.example", readHost: "r2.example", postHost: "p2.example:8443" }
  assert.deepEqual(await run(), { againInMs: 86_400_000 })
  assert.deepEqual(urls(), ["https://r2.example", "https://p2.example:8443"])
  assert.deepEqual(written, [JSON.stringify({ version: "1", readHost: "r2.example", postHost: "p2.example:8443" })])
  said.answer = { origin: "chat.example" }
  await run()
  assert.deepEqual(urls(), ["https://chat.example", "https://chat.example"])
})

test("three streams in a row that cannot be opened are a reason to ask at once, once until there is an answer", async () => {
  const { hosts, said, due, run } = world()
  for (const inARow of [1, 2, 3, 4]) hosts.failed(inARow)
  assert.deepEqual(due, [0])
  said.fails = true
  assert.equal(await run(), "failed")
  said.fails = false
  assert.deepEqual(await run(), { againInMs: 600_000 })
  hosts.failed(9)
  assert.deepEqual(due, [0, 0])
})

test("an answer for another server, or with what is no name of a host, moves nothing", async () => {
  const { urls, said, written, run } = world()
  const before = urls()
  const nonsense = [
    "evil.example/x",
    "chat.example@evil.example",
    "evil.example?x",
    "evil.example#x",
    "a b",
    "",
    "x:99999",
    "\\evil.example",
  ]
  for (const host of nonsense) {
    for (const answer of [
      { readHost: host, postHost: "p2.example" },
      { readHost: "r2.example", postHost: host },
    ]) {
      said.answer = { origin: "chat.example", ...answer }
      await run()
      assert.deepEqual(urls(), before, host)
    }
  }
  said.answer = { origin: "evil.example", readHost: "r2.example" }
  await run()
  assert.deepEqual(urls(), before)
  assert.deepEqual(written, [])
})
