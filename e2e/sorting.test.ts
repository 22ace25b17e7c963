// What people do with chats and messages beside writing: folders, filters, mute, unread, mentions, reactions, passing on, stars. With a real
// server, two people, and a second browser of one of them.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { Page } from "playwright-core"
import { openBrowser, openTalk, say, sees, withoutChromium } from "./fixtures/browser.ts"
import { linkBrowser } from "./fixtures/linking.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { words } from "./fixtures/words.ts"

const row = (page: Page, title: string) => page.locator("[data-chat]").filter({ hasText: title })
const tab = (page: Page, name: string) => page.getByRole("tab", { name: new RegExp(`^${name}`) })

async function chatMenu(page: Page, title: string, item: string): Promise<void> {
  await row(page, title).click({ button: "right" })
  await page.getByRole("menuitem", { name: item }).click()
}

async function messageMenu(page: Page, text: string, item: string): Promise<void> {
  await page.locator("[data-row]").filter({ hasText: text }).last().locator("[data-bubble]").click({ button: "right" })
  await page.getByRole("menuitem", { name: item, exact: true }).click()
}

test(
  "chats are sorted, muted and marked, and messages mentioned, reacted to, passed on and starred, in two browsers of one account",
  { skip: withoutChromium, timeout: 240_000 },
  async (t) => {
    const server = await startServerProcess(t)
    const browser = await openBrowser(t)
    const { alice, bob } = await openTalk(browser, server, "Hello Bob")
    const context = await browser.newContext({ locale: "en-GB", permissions: ["clipboard-read", "clipboard-write"] })
    const second = await linkBrowser(context, alice.page, server.url)
    await alice.page.goto(`${server.url}/#/`)
    await row(second, "Bob Builder").waitFor()

    await t.test("a folder made in one browser is in the other, with its chats and by the keyboard", async () => {
      await alice.page.getByRole("button", { name: words.list.filters.newFolder }).click()
      await alice.page.getByLabel(words.list.folders.name).fill("Friends")
      await alice.page.keyboard.press("Enter")
      await alice.page.getByRole("button", { name: words.list.folders.done }).click()
      await tab(second, "Friends").waitFor()
      await tab(alice.page, "Friends").click()
      await alice.page.getByText(words.list.filters.none.folder).waitFor()
      await alice.page.getByRole("button", { name: words.list.filters.none.addChats }).click()
      await alice.page.getByRole("checkbox", { name: "Bob Builder" }).check()
      await alice.page.getByRole("button", { name: words.list.folders.done }).click()
      await row(alice.page, "Bob Builder").waitFor()
      await tab(second, "All").focus()
      await second.keyboard.press("End")
      await tab(second, "Friends").and(second.locator("[aria-selected=true]")).waitFor()
      await row(second, "Bob Builder").waitFor()
      await second.keyboard.press("Home")
      await tab(second, "All").and(second.locator("[aria-selected=true]")).waitFor()
    })

    await t.test("a chat that is muted and marked as unread is so in the other browser, and opening it there ends the mark", async () => {
      await tab(alice.page, "All").click()
      await chatMenu(alice.page, "Bob Builder", words.list.actions.muteAsk)
      await alice.page.getByRole("button", { name: words.list.muting.hour }).click()
      await chatMenu(alice.page, "Bob Builder", words.list.actions.markUnread)
      await row(second, "Bob Builder").getByText(words.list.row.unread).waitFor({ state: "attached" })
      await tab(second, "Unread").getByText("1").waitFor()
      await row(second, "Bob Builder").click()
      await row(alice.page, "Bob Builder").getByText(words.list.row.unread).waitFor({ state: "detached" })
      await second.getByRole("button", { name: words.chat.header.contactInfo }).click()
      await second.getByText(/^Muted until /).waitFor()
      await second.getByRole("button", { name: words.list.actions.unmute }).click()
      await second.getByRole("button", { name: words.list.actions.muteAsk }).waitFor()
    })

    await t.test("somebody who is mentioned sees it in the list and in the message", async () => {
      const { page } = alice
      await page.getByRole("button", { name: "New chat" }).click()
      await page.getByRole("button", { name: "New group" }).click()
      await page.getByLabel(words.people.group.name).fill("Crew")
      await page.getByRole("checkbox", { name: /Bob Builder/ }).click()
      await page.getByRole("button", { name: "Create group with 1 person" }).click()
      const field = page.getByLabel(/^Message to/)
      await field.fill("")
      await field.pressSequentially("Ahoy @bo")
      await page.getByRole("option", { name: /Bob Builder/ }).waitFor()
      await page.keyboard.press("Enter")
      await field.pressSequentially("all aboard")
      await page.keyboard.press("Enter")
      await row(bob.page, "Crew").getByText(words.list.row.mentioned).waitFor({ state: "attached" })
      await row(bob.page, "Crew").click()
      const message = bob.page.locator("[data-row]").filter({ hasText: "all aboard" })
      assert.equal((await message.locator("[data-bubble] button").first().innerText()).trim(), "@Bob Builder")
    })

    await t.test("any emoji is a reaction, and several of one person stand side by side", async () => {
      for (const [typed, name] of [
        ["wave", "waving hand"],
        ["pizza", "pizza"],
      ] as const) {
        await bob.page.locator("[data-row]").filter({ hasText: "all aboard" }).locator("[data-bubble]").click({ button: "right" })
        await bob.page.getByRole("menuitem", { name: words.message.emoji.more }).click()
        await bob.page.getByRole("searchbox", { name: words.message.emoji.search }).fill(typed)
        await bob.page.getByRole("button", { name, exact: true }).click()
      }
      const reactions = alice.page.getByRole("list", { name: words.message.reactions }).getByRole("button")
      await reactions.nth(1).waitFor()
      assert.deepEqual((await reactions.allInnerTexts()).map((text) => text.slice(0, 2)).toSorted(), ["👋", "🍕"].toSorted())
    })

    await t.test("a message that is passed on says so, and one that is starred is found in the other browser", async () => {
      await say(bob.page, "Tide is at six")
      await sees(alice.page, "Tide is at six")
      await messageMenu(alice.page, "Tide is at six", words.message.menu.forward)
      await alice.page.getByRole("checkbox", { name: "Bob Builder" }).check()
      await alice.page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click()
      await row(bob.page, "Alice Example").click()
      await bob.page.locator("[data-row]").filter({ hasText: "Tide is at six" }).getByText(words.message.forwarding.mark).waitFor()
      await row(alice.page, "Crew").click()
      await messageMenu(alice.page, "Tide is at six", words.message.menu.star)
      await second.goto(`${server.url}/#/starred`)
      await second.getByRole("button", { name: /Tide is at six/ }).waitFor()
    })

    await t.test("several messages are selected and deleted for their reader alone", async () => {
      await messageMenu(alice.page, "Tide is at six", words.message.menu.select)
      await alice.page.getByRole("checkbox", { name: /all aboard/ }).check({ force: true })
      await alice.page.getByText(words.message.selection.count(2)).waitFor()
      await alice.page.getByRole("button", { name: words.message.menu.deleteForMe }).click()
      await alice.page.getByRole("button", { name: words.message.deletion.confirmForMe, exact: true }).click()
      await alice.page.locator("[data-row]").filter({ hasText: "all aboard" }).waitFor({ state: "detached" })
      await row(bob.page, "Crew").click()
      await sees(bob.page, "Tide is at six")
    })

    assert.deepEqual([...alice.faults, ...bob.faults], [])
  },
)
