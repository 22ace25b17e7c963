// Everything the terminal does on the network goes through the proxy that it is given, or does not go out.

import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { type SocksServer, startSocksServer } from "@nodoor/client/network-fixtures"
import { startServer } from "@nodoor/server"
import { runWords } from "./fixtures/command-line.ts"

/** A name that no DNS knows: who asks for it at all has not left the look-up to the proxy. */
const server = "http://chat.invalid"

async function world(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "nodoor-proxy-"))
  const running = await startServer({ dataDir: join(folder, "server"), log: () => {}, port: 0 })
  const socks: SocksServer = await startSocksServer({ to: running.port })
  t.after(async () => {
    await socks.close()
    await running.stop()
    await rm(folder, { recursive: true })
  })
  const run = async (words: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; said: string }> => {
    const said: string[] = []
    const terminal = { print: async (text: string) => void said.push(text), talk: (text: string) => void said.push(text) }
    const { code } = await runWords(join(folder, "alice"), words, { env, terminal })
    return { code, said: said.join("\n") }
  }
  return { running, socks, run, proxy: `socks5h://127.0.0.1:${socks.port}` }
}

test("a device, the public record and the log are reached through the proxy, by the name of the server", async (t) => {
  const { socks, run, proxy } = await world(t)
  const registered = await run(["register", "--server", "http://localhost:8123", "--handle", "alice", "--name", "Alice", "--proxy", proxy])
  assert.equal(registered.code, 0, registered.said)
  const byDevice = socks.requests.length
  assert.ok(byDevice > 1)
  assert.equal((await run(["kt", "checkpoint", server], { NODOOR_PROXY: proxy })).code, 0)
  const byLog = socks.requests.length
  assert.ok(byLog > byDevice)
  assert.equal((await run(["kt", "lookup", server, "@alice", `--proxy=${proxy}`])).code, 0)
  assert.ok(socks.requests.length > byLog)
  assert.deepEqual(
    new Set(socks.requests.map(({ by, host, port }) => `${by} ${host} ${port}`)),
    new Set(["name localhost 8123", "name chat.invalid 80"]),
  )
  // What names the account and what does not show the proxy different user names, and so do two runs.
  assert.ok(new Set(socks.requests.map(({ user }) => user)).size >= 4)
})

test("while the proxy cannot be reached, nothing goes out, to a server that could be reached directly", async (t) => {
  const { running, socks, run, proxy } = await world(t)
  assert.equal((await run(["register", "--server", running.url, "--handle", "alice", "--name", "Alice", "--proxy", proxy])).code, 0)
  await socks.close()
  for (const words of [["receive"], ["kt", "checkpoint", running.url], ["kt", "lookup", running.url, "@alice"]])
    assert.equal((await run([...words, "--proxy", proxy])).code, 5, words.join(" "))
  assert.equal((await run(["kt", "checkpoint", running.url])).code, 0)
})

test("a proxy that is none is a usage error, from the line and from the environment, before anything goes out", async (t) => {
  const { running, run } = await world(t)
  for (const wrong of ["", "127.0.0.1:9050", "socks5://127.0.0.1:9050", "socks5h://a:b@127.0.0.1:9050"]) {
    const { code, said } = await run(["kt", "checkpoint", running.url, `--proxy=${wrong}`])
    assert.deepEqual([code, /socks5h:\/\/HOST:PORT/.test(said)], [2, true], wrong)
    if (wrong !== "") assert.equal((await run(["kt", "checkpoint", running.url], { NODOOR_PROXY: wrong })).code, 2, wrong)
  }
})

test("no other way to the network stands in the terminal's source", () => {
  const sources = globSync("**/*.ts", { cwd: import.meta.dirname }).filter((path) => !path.endsWith(".test.ts"))
  const found = sources.filter((path) => {
    const text = readFileSync(join(import.meta.dirname, path), "utf8").replaceAll(/^import type .*$/gm, "")
    return /\bfetch\(|new WebSocket|\bconnect\(|httpRequest|node:(?:https|net|tls|dns)"|nodeNetwork\(\)/.test(text)
  })
  assert.deepEqual(found, [])
})
