// Two terminals link, exchange and revoke, against a real server.

import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { startServer } from "@nodoor/server"
import { runWords } from "./fixtures/command-line.ts"

interface Running {
  readonly done: Promise<{ readonly code: number; readonly out: readonly string[]; readonly talk: string }>
  /** Resolves with the first line of the terminal that fits. */
  line(pattern: RegExp): Promise<string>
}

test(
  "two terminals link by a typed code and a chosen number, have the same history, and one revokes the other",
  { timeout: 110_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "nodoor-link-"))
    const server = await startServer({ dataDir: join(folder, "server"), log: () => {}, port: 0 })
    const run = (profile: string, words: readonly string[], answer: (question: string) => Promise<string> = async () => ""): Running => {
      const lines: string[] = []
      const waiting: { readonly pattern: RegExp; readonly found: (line: string) => void }[] = []
      const say = (text: string): void => {
        lines.push(text)
        for (const { pattern, found } of waiting) if (pattern.test(text)) found(text)
      }
      const out: string[] = []
      const print = async (text: string): Promise<void> => {
        out.push(text)
        say(text)
      }
      const terminal = { interactive: true, print, talk: say, printQr: async (text: string) => say(text), ask: answer }
      const done = runWords(join(folder, profile), words, { terminal }).then(({ code }) => ({ code, out, talk: lines.join("\n") }))
      const line = (pattern: RegExp): Promise<string> => {
        const known = lines.find((one) => pattern.test(one))
        return known === undefined ? new Promise((found) => waiting.push({ pattern, found })) : Promise.resolve(known)
      }
      return { done, line }
    }
    try {
      for (const name of ["alice", "bob"]) {
        const words = ["register", "--server", server.url, "--handle", name, "--name", `${name} example`]
        assert.equal((await run(name, words).done).code, 0)
      }
      assert.equal((await run("bob", ["send", "@alice", "from before"]).done).code, 0)
      assert.equal((await run("alice", ["receive", "--wait", "10"]).done).code, 0)
      assert.equal((await run("alice", ["accept", "@bob"]).done).code, 0)

      const code = Promise.withResolvers<string>()
      const number = Promise.withResolvers<string>()
      const fresh = run("second", ["link", "--server", server.url, "--code", "-", "--name", "Kitchen"], () => code.promise)
      void fresh.line(/^Choose this number/).then((line) => number.resolve(line))
      const old = run("alice", ["devices", "link"], async (question) => {
        const shown = /(\d\d)$/.exec(await number.promise)?.[1] ?? ""
        assert.ok(question.includes(shown))
        return shown
      })
      code.resolve((await old.line(/^[0-9A-Z]{5}( [0-9A-Z]{5}){4}$/)).toLowerCase().replaceAll(" ", "-"))
      const [linked, letIn] = [await fresh.done, await old.done]
      assert.deepEqual([linked.code, letIn.code], [0, 0], `${linked.talk}\n${letIn.talk}`)
      assert.match(linked.out[0] ?? "", /^@alice /)
      assert.match((await run("alice", ["devices"]).done).out.join("\n"), /Kitchen/)

      assert.match((await run("second", ["messages", "--chat", "@bob"]).done).out.join("\n"), /from before/)
      assert.equal((await run("second", ["send", "@bob", "from the kitchen"]).done).code, 0)
      assert.equal((await run("alice", ["receive"]).done).code, 0)
      assert.match((await run("alice", ["messages", "--chat", "@bob"]).done).out.join("\n"), /from the kitchen/)
      assert.match((await run("bob", ["receive", "--wait", "10"]).done).out.join("\n"), /from the kitchen/)

      const [first = ""] = (await run("second", ["devices", "--json"]).done).out.filter((line) => line.includes('"own":false'))
      const { device } = JSON.parse(first) as { readonly device: string }
      assert.equal((await run("second", ["devices", "rename", device, "Old one"]).done).code, 0)
      assert.equal((await run("second", ["devices", "revoke", device]).done).code, 0)
      assert.equal((await run("second", ["send", "@bob", "without the old one"]).done).code, 0)
      assert.notEqual((await run("alice", ["receive"]).done).code, 0)
      assert.doesNotMatch((await run("alice", ["messages", "--chat", "@bob"]).done).out.join("\n"), /without the old one/)
      assert.match((await run("bob", ["receive", "--wait", "10"]).done).out.join("\n"), /without the old one/)
      assert.equal((await run("third", ["link", "--server", server.url, "--code", "ABCDE ABCDE"]).done).code, 2)
    } finally {
      await server.stop()
      await rm(folder, { recursive: true })
    }
  },
)
