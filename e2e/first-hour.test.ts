// What can go wrong around the app in the first hour: a browser that keeps nothing or forgets, an address typed differently, an invite
// that does not work, a server that goes away.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type TestContext, test } from "node:test"
import { type BrowserContext, chromium } from "playwright-core"
import {
  chromiumOptions,
  lastIs,
  openBrowser,
  openChatWith,
  openPerson,
  openRequest,
  say,
  sees,
  withoutChromium,
} from "./fixtures/browser.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { words } from "./fixtures/words.ts"

const options = { skip: withoutChromium, timeout: 180_000 }

/** A profile of its own, as a person's normal window has. */
async function openProfile(t: TestContext, preferences: object = {}, args: readonly string[] = []): Promise<BrowserContext> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-profile-"))
  mkdirSync(join(folder, "Default"))
  writeFileSync(join(folder, "Default", "Preferences"), JSON.stringify(preferences))
  const context = await chromium.launchPersistentContext(folder, {
    ...chromiumOptions,
    args: [...chromiumOptions.args, ...args],
    viewport: { width: 1280, height: 860 },
  })
  t.after(async () => {
    await context.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return context
}

test("a browser that blocks site data, and one with an odd language, show the app and not a blank page", options, async (t) => {
  const server = await startServerProcess(t)
  const blocking = await openProfile(t, { profile: { default_content_setting_values: { cookies: 2 } } })
  const page = await blocking.newPage()
  await page.goto(server.url)
  await page.getByText("Permission to store data").waitFor()
  const odd = await openProfile(t, {}, ["--accept-lang=en-US@posix"])
  const other = await odd.newPage()
  await other.goto(server.url)
  await other.getByLabel("Your name").waitFor()
})

test("site data that is cleared under the open page is written again, and the account outlives a reload", options, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const alice = await openPerson(browser, server, { handle: "alice", name: "Alice Example" })
  const bob = await openPerson(browser, server, { handle: "bob", name: "Bob Builder" })
  await openChatWith(alice.page, "bob")
  await say(alice.page, "before the clearing")
  await sees(alice.page, "before the clearing")
  await lastIs(alice.page, /^Sent$/)
  const session = await alice.context.newCDPSession(alice.page)
  await session.send("Storage.clearDataForOrigin", { origin: new URL(alice.page.url()).origin, storageTypes: "all" })
  await alice.page.getByText(words.list.banners.storageWrittenAgain).waitFor()
  await say(alice.page, "after it")
  await openRequest(bob.page, "after it")
  await alice.page.reload()
  await sees(alice.page, "before the clearing")
  await sees(alice.page, "after it")
  assert.deepEqual([...alice.faults, ...bob.faults], [])
})

test("a window that forgets is recognised before an account is made in it, a normal one is not mistaken for it", options, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const page = await (await browser.newContext()).newPage()
  await page.goto(server.url)
  await page.getByText("This looks like a private window").waitFor()
  const normal = await (await openProfile(t)).newPage()
  await normal.goto(server.url)
  await normal.getByLabel("Your name").waitFor()
  await normal.waitForTimeout(1000)
  assert.equal(await normal.getByText("private window").count(), 0)
})

test("the other name of this machine leads to the one address", options, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${server.url}/@alice`)
  await page.getByText("Write to @alice").waitFor()
  assert.equal(new URL(page.url()).hostname, "localhost")
})

test(
  "an invite that does not work says so before the form; one that works outlives a reload and is not called in vain",
  options,
  async (t) => {
    const env = { NODOOR_REGISTRATION_MODE: "invite" }
    const server = await startServerProcess(t, { env })
    const command = resolve(import.meta.dirname, "../packages/server/src/main.ts")
    const printed = execFileSync(process.execPath, [command, "invite", "--count", "1"], {
      env: { ...process.env, ...env, NODOOR_DATA: server.dataDir, PORT: new URL(server.url).port },
    }).toString()
    const [code = ""] = /(?<=\/i\/)[0-9a-z]+/.exec(printed) ?? []
    const browser = await openBrowser(t)
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${server.url}/i/inventedcode0000`)
    await page.getByText(words.welcome.inviteRefused).waitFor()
    await page.getByLabel("Invite code").waitFor()

    await page.goto(`${server.url}/i/${code}`)
    await page.getByText("You’re invited to").waitFor()
    assert.equal(await page.getByText(words.welcome.inviteRefused).count(), 0)
    await page.reload()
    await page.getByText("You’re invited to").waitFor()
    await page.getByLabel("Your name").fill("Alice")
    await page.getByLabel("Handle").fill("alice")
    await page.getByRole("button", { name: "Create account" }).click()
    await page.getByRole("button", { name: "New chat" }).waitFor()
    await page.waitForTimeout(500)
    assert.equal(await page.getByText("You already have an account here").count(), 0)
  },
)

test("a server that goes away and comes back is noticed without a click, and there is one", options, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const { page } = await openPerson(browser, server, { handle: "alice", name: "Alice" })
  await page.waitForTimeout(1500)
  await server.kill()
  const offline = page.getByText(words.list.connection.offline)
  await offline.or(page.getByText("Connecting…")).first().waitFor({ timeout: 10_000 })
  await page.getByRole("button", { name: "Try now" }).waitFor({ timeout: 20_000 })
  await page.waitForTimeout(8_000)
  await server.start()
  await offline.waitFor({ state: "detached", timeout: 10_000 })
})
