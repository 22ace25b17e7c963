// A person deletes their account in the web app, on a real server, and reads on in this browser.

import assert from "node:assert/strict"
import { test } from "node:test"
import { lastIs, openBrowser, openChatWith, openPerson, say, sees, withoutChromium } from "./fixtures/browser.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { words } from "./fixtures/words.ts"

test(
  "an account is deleted in the web app only under its handle; what was written stays readable after a reload, and its handle leads nowhere",
  { skip: withoutChromium, timeout: 120_000 },
  async (t) => {
    const server = await startServerProcess(t)
    const browser = await openBrowser(t)
    const alice = await openPerson(browser, server, { handle: "alice", name: "Alice Example" })
    await openPerson(browser, server, { handle: "bob", name: "Bob Builder" })
    const carol = await openPerson(browser, server, { handle: "carol", name: "Carol Crane" })
    await openChatWith(alice.page, "bob")
    await say(alice.page, "These are my last words here")
    await lastIs(alice.page, /^Sent$/)

    const { page } = alice
    await page.evaluate('location.hash = "#/settings/data"')
    await page.getByRole("button", { name: words.settings.deletion.ask }).click()
    const confirm = page.getByRole("button", { name: "Delete my account", exact: true })
    await page.getByLabel("Your handle").fill("bob")
    assert.equal(await confirm.isDisabled(), true)
    await page.getByLabel("Your handle").fill("alice")
    await confirm.click()
    await page.getByRole("heading", { name: "Your account was deleted" }).waitFor()
    await page.getByRole("button", { name: "Keep them here" }).click()
    await page.reload()
    await page.evaluate('location.hash = "#/"')
    await page.getByText("Your account was deleted. Your messages stay in this browser").waitFor()
    await page.locator("[data-chat]").first().click()
    await sees(page, "These are my last words here")
    await page.getByText(`${words.chat.closed.ownAccount} ${words.chat.closed.stillReadable}`).waitFor()
    assert.equal(await page.getByLabel(/^Message to/).count(), 0)

    await carol.page.getByRole("button", { name: "New chat" }).click()
    await carol.page.getByLabel("Handle").fill("alice")
    await carol.page.getByRole("button", { name: "Open chat" }).click()
    await carol.page.getByText(words.people.find.nobody("alice")).first().waitFor()
  },
)
