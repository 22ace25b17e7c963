// The canary from the people who sign it to the people who read it: the ceremony in a terminal, the card and the line above the chats in a browser.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import process from "node:process"
import { test } from "node:test"
import { violations } from "./fixtures/axe.ts"
import { openBrowser, openPerson, withoutChromium } from "./fixtures/browser.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { words } from "./fixtures/words.ts"

test(
  "two people sign the canary; a browser shows it as fresh, and what the next one no longer says until that was read",
  { skip: withoutChromium, timeout: 90_000 },
  async (t) => {
    const server = await startServerProcess(t)
    const at = (name: string): string => join(server.dataDir, name)
    const run = (...words: readonly string[]): string =>
      execFileSync(process.execPath, [resolve(import.meta.dirname, "../packages/server/src/main.ts"), ...words], {
        env: { ...process.env, NODOOR_DATA: server.dataDir },
        encoding: "utf8",
      }).trim()
    const keys = ["anna", "ben"].map((name) => run("desk", "key", at(name)))
    const publish = (file: string, edit: (text: string) => string): string => {
      run("canary", "draft", at(file), "2", ...keys)
      writeFileSync(at(file), edit(readFileSync(at(file), "utf8")))
      for (const name of ["anna", "ben"]) run("canary", "sign", at(file), at(name))
      return run("canary", "publish", at(file))
    }
    const alice = await openPerson(await openBrowser(t), server, { handle: "alice", name: "Alice Example" })
    const { page } = alice
    const look = async (): Promise<void> => page.getByRole("button", { name: words.server.canary.check }).click()
    await page.goto(`${server.url}/#/settings/server`)
    await page.getByText(words.server.canary.state.none).waitFor()

    publish("first", (text) => text)
    await look()
    await page.getByText(/^Fresh until/).waitFor()
    await page.getByText("Nobody has made us change a program").waitFor()

    const said = publish("second", (text) => text.replace(/"No key that signs[^"]*",/, ""))
    assert.match(said, /every client will show: removed: No key that signs the log/)
    await look()
    await page.getByRole("heading", { name: words.server.canary.state.changed }).waitFor()
    await page.getByText("No key that signs the log or the archives of the desk has been given to anybody.").first().waitFor()
    assert.deepEqual(await violations(page), [])
    await page.goto(`${server.url}/#/`)
    await page.getByRole("button", { name: /The canary of .* changed\. See what changed/ }).click()
    await page.getByRole("button", { name: words.server.canary.haveRead }).click()
    await page.getByText(/^Fresh until/).waitFor()
    await page.reload()
    await page.getByText(/^Fresh until/).waitFor()
    assert.equal(await page.getByRole("button", { name: /The canary of/ }).count(), 0)

    assert.match(await (await fetch(`${server.url}/transparency`)).text(), /<strong>Fresh until 20/)
    assert.deepEqual(alice.faults, [])
  },
)
