// From the desk to the people whom a request names: in a browser and in a terminal, with their own archive beside it.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import process from "node:process"
import { type TestContext, test } from "node:test"
import { pathToFileURL } from "node:url"
import type { Page } from "playwright-core"
import { letterPage } from "../packages/web/src/text/letter-page.ts"
import { openBrowser, openPerson, withoutChromium } from "./fixtures/browser.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { openTerminal } from "./fixtures/terminal.ts"
import { words } from "./fixtures/words.ts"

test(
  "two people decide a request; those it names read in their app what was handed over, and hold the same archive about themselves",
  { skip: withoutChromium, timeout: 120_000 },
  async (t) => {
    const server = await startServerProcess(t)
    const browser = await openBrowser(t)
    const alice = await openPerson(browser, server, { handle: "alice", name: "Alice Example" })
    const bob = await openTerminal(t, server, { handle: "bob", name: "Bob Builder" })
    const carol = await openTerminal(t, server, { handle: "carol", name: "Carol Clark" })
    const { page } = alice
    const at = (name: string): string => join(server.dataDir, name)
    const desk = (...words: readonly string[]): string => {
      const main = resolve(import.meta.dirname, "../packages/server/src/main.ts")
      return execFileSync(process.execPath, [main, "desk", ...words], {
        env: { ...process.env, NODOOR_DATA: server.dataDir },
        encoding: "utf8",
      }).trim()
    }
    for (const name of ["anna", "ben"]) desk("operator", "add", name, desk("key", at(name)))
    const request = {
      authority: "Amtsgericht <b>Köln</b>",
      country: "DE",
      instrument: "court_order",
      legalBasis: "§ 100j StPO",
      reference: "502 Gs 1187/26",
      issued: "2026-11-02",
      received: "2026-11-03",
      classes: ["holder_name", "email", "content"],
      accounts: ["@alice", "@bob"],
    }
    writeFileSync(at("request.json"), JSON.stringify(request))
    const caseId = desk("open", at("request.json"), "--key", at("anna"))
    for (const name of ["anna", "ben"]) desk("approve", caseId, "--key", at(name))
    desk("export", caseId, "--out", at("out"), "--key", at("ben"))

    await t.test("in the browser, above the chats and on its page, until it has been read", async () => {
      await page.reload()
      await page.getByRole("button", { name: /an authority asked about your account/ }).click()
      await page.getByText("Amtsgericht <b>Köln</b> (Germany) used a court order to ask for").waitFor()
      const notice = page.getByRole("listitem").filter({ hasText: caseId })
      const text = await notice.innerText()
      for (const part of ["Handed over: your name.", "because nobody can: your messages.", "Not handed over: your e-mail address."])
        assert.ok(text.includes(part), `${part} in ${text}`)
      await page.getByRole("button", { name: words.server.notices.haveRead }).click()
      await page.getByRole("button", { name: words.server.notices.haveRead }).waitFor({ state: "detached" })
      await page.reload()
      await notice.waitFor()
      assert.equal(await page.getByText("about your account. Read what it says").count(), 0)
    })

    await t.test("in a terminal, with receive and by itself; and not to somebody whom it does not name", async () => {
      assert.match((await bob.run("receive")).talk, /says: a request from authorities named your account/)
      const [line = ""] = (await bob.run("notices", "--json")).lines
      const { caseId: told, disclosed, impossible } = JSON.parse(line) as Record<string, unknown>
      assert.deepEqual([told, disclosed, impossible], [caseId, ["holder_name"], ["content"]])
      assert.doesNotMatch((await bob.run("receive")).talk, /authorities/)
      assert.deepEqual((await carol.run("notices", "--json")).lines, [])
      const { told: accounts } = JSON.parse(desk("show", caseId)) as { told: { fetchedDay?: string }[] }
      const today = new Date().toISOString().slice(0, 10)
      assert.deepEqual(
        accounts.map(({ fetchedDay }) => fetchedDay),
        [today, today],
      )
    })

    await t.test("the archive about oneself is saved, holds, and its letter can be read", async () => {
      await page.goto(`${server.url}/#/settings/data`)
      const saved = async (button: string): Promise<{ readonly name: string; readonly path: string }> => {
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()])
        const path = at(download.suggestedFilename())
        await download.saveAs(path)
        return { name: download.suggestedFilename(), path }
      }
      const archive = await saved(words.settings.data.saveArchive)
      assert.match(archive.name, /^what-.+-knows-about-alice\.json$/)
      assert.ok(readFileSync(archive.path, "utf8").includes("Alice Example"))
      assert.equal((await bob.run("export", "--verify", archive.path)).code, 0)
      const letter = await saved(words.settings.data.saveLetter)
      assert.match(letter.name, /^what-.+-knows-about-alice\.html$/)
      const shown = await openFile(await alice.context.newPage(), letter.path)
      assert.ok((await shown.frames()[1]?.locator("body").innerText())?.includes("Alice Example"))
      await shown.close()
      const checked = await bob.run("archive", "--out", at("bob.json"))
      assert.equal(checked.code, 0, checked.talk)
      assert.ok(readFileSync(at("bob.json"), "utf8").includes("Bob Builder"))
    })
    assert.deepEqual(alice.faults, [])
  },
)

test(
  "whatever a letter holds, the page that it is saved as runs, loads, sends and opens nothing of it",
  { skip: withoutChromium, timeout: 60_000 },
  async (t) => {
    const asked: string[] = []
    const there = await listener(t, (path) => asked.push(path))
    const folder = mkdtempSync(join(tmpdir(), "nodoor-letter-"))
    t.after(() => rmSync(folder, { recursive: true }))
    const browser = await openBrowser(t)
    const page = await browser.newPage()
    const html = `<!doctype html><title>x</title><meta http-equiv="refresh" content="0;url=${there}/refresh"><style>p{background:url(${there}/css)}</style>
      <script>document.title = "ran"; fetch("${there}/script"); top.location = "${there}/top"</script>
      <p>What it says</p><img src="${there}/img" onerror="parent.location='${there}/onerror'"><iframe src="${there}/frame"></iframe>
      <form action="${there}/form"><button>Go</button></form><a href="${there}/link">Here</a><a target="_top" href="${there}/up">There</a>`
    // The control: opened as it is, it does all that.
    writeFileSync(join(folder, "bare.html"), html)
    await page.goto(pathToFileURL(join(folder, "bare.html")).href).catch(() => undefined)
    await page.waitForTimeout(300)
    assert.notDeepEqual(asked.splice(0), [])
    const path = join(folder, "letter.html")
    writeFileSync(path, letterPage({ origin: "chat.example", html }))
    await openFile(page, path)
    const frame = page.frames().find((one) => one.url() === "about:srcdoc")
    assert.equal(await frame?.locator("p").innerText(), "What it says")
    await frame?.getByRole("button", { name: "Go" }).click()
    await frame?.getByText("There").click()
    await frame?.getByText("Here", { exact: true }).click()
    await page.waitForTimeout(500)
    assert.deepEqual([asked, page.url()], [[], pathToFileURL(path).href])
  },
)

/** The address of a server that hears of every request that reaches it. */
async function listener(t: TestContext, heard: (path: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    heard(request.url ?? "")
    response.end()
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function openFile(page: Page, path: string): Promise<Page> {
  await page.goto(pathToFileURL(path).href)
  await page.locator("iframe").waitFor()
  return page
}
