// What can be done with messages, people and groups in the web app, seen from both sides.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { accept, lastIs, openBrowser, openChatWith, openPerson, openRequest, say, sees, withoutChromium } from "./fixtures/browser.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { words } from "./fixtures/words.ts"

test("two people use all of the conversation", { skip: withoutChromium, timeout: 180_000 }, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const alice = await openPerson(browser, server, { handle: "alice", name: "Alice Example" })
  const bob = await openPerson(browser, server, { handle: "bob", name: "Bob Builder" })
  const composer = alice.page.getByLabel(/^Message to/)
  const row = (text: string) => alice.page.locator("[data-row]").filter({ hasText: text })

  await t.test("a request shows nothing to its sender until it is accepted; then the message is delivered and read", async () => {
    await openChatWith(alice.page, "bob")
    await say(alice.page, "Did the fog reach you?")
    await lastIs(alice.page, /^Sent$/)
    await openRequest(bob.page, "Did the fog reach you?")
    await bob.page.waitForTimeout(700)
    await lastIs(alice.page, /^Sent$/)
    await accept(bob.page)
    await lastIs(alice.page, /^Read$/)
  })

  await t.test("the arrow key edits the last message, and the other side sees the new words once", async () => {
    await composer.press("ArrowUp")
    await composer.fill("Did the fog reach you too?")
    await composer.press("Enter")
    await sees(bob.page, "Did the fog reach you too?")
    await bob.page.locator("[data-row]").filter({ hasText: "reach you too" }).getByText("edited").waitFor()
    assert.equal(await bob.page.locator("[data-bubble]").count(), 1)
  })

  await t.test("a reply quotes, a reaction is counted, and both reach the other side", async () => {
    await bob.page.locator("[data-row]").last().click({ button: "right" })
    await bob.page.getByRole("menuitem", { name: "React with 👍" }).click()
    await row("reach you too").getByRole("button", { name: "👍" }).waitFor()
    await bob.page.locator("[data-row]").last().click({ button: "right" })
    await bob.page.getByRole("menuitem", { name: "Reply" }).click()
    await say(bob.page, "It did")
    await row("It did").getByText("Did the fog reach you too?").waitFor()
  })

  await t.test("the keyboard alone opens the menu of a message and deletes it for both", async () => {
    await say(alice.page, "something wrong")
    await sees(bob.page, "something wrong")
    await lastIs(alice.page, /^(?:Sent|Delivered|Read)$/)
    await alice.page.locator("[data-row]").last().focus()
    await alice.page.keyboard.press("Enter")
    await alice.page.getByRole("menuitem", { name: "Copy text" }).waitFor()
    // The last one deletes it for her alone.
    await alice.page.keyboard.press("End")
    await alice.page.keyboard.press("ArrowUp")
    await alice.page.keyboard.press("Enter")
    await alice.page.getByRole("button", { name: "Delete for everyone" }).click()
    for (const { page } of [alice, bob]) {
      await page.locator("[data-row]").last().getByText("Deleted").waitFor()
      assert.equal(await page.locator("[data-bubble]").getByText("something wrong").count(), 0)
    }
  })

  await t.test("details say whom a message reached", async () => {
    await row("reach you too").first().click({ button: "right" })
    await alice.page.getByRole("menuitem", { name: "Details" }).click()
    const details = alice.page.getByRole("complementary", { name: "Details" })
    await details.getByText("Bob Builder").first().waitFor()
    await details.getByText("Read").first().waitFor()
    await alice.page.keyboard.press("Escape")
    await details.waitFor({ state: "detached" })
  })

  await t.test("both see the same safety number, and a verification stays after a reload", async () => {
    const digits: string[] = []
    for (const { page } of [alice, bob]) {
      await page.getByRole("button", { name: words.chat.header.contactInfo }).click()
      await page.getByRole("button", { name: "Compare safety number" }).click()
      await page.getByRole("list", { name: "Safety number" }).waitFor()
      digits.push((await page.getByRole("list", { name: "Safety number" }).getByRole("listitem").allInnerTexts()).join(" "))
    }
    assert.match(digits[0] ?? "", /^(?:\d{5} ){11}\d{5}$/)
    assert.equal(digits[0], digits[1])
    await alice.page.getByRole("button", { name: "The numbers match" }).click()
    await alice.page.getByText(words.trust.safety.verified("Bob Builder")).waitFor()
    await alice.page.reload()
    await alice.page.getByText(words.trust.safety.verified("Bob Builder")).waitFor()
    await alice.page.keyboard.press("Escape")
  })

  await t.test("a draft stays through another chat and a reload", async () => {
    await composer.fill("half a thought")
    await alice.page.keyboard.press("Control+n")
    await alice.page.keyboard.press("Escape")
    await composer.waitFor()
    await alice.page.keyboard.press("Escape")
    await alice.page.getByText("Draft:").waitFor()
    await alice.page.reload()
    await alice.page.getByText("half a thought").click()
    assert.equal(await composer.inputValue(), "half a thought")
    await composer.fill("")
  })

  await t.test("the palette opens a chat and the search finds a message", async () => {
    await alice.page.keyboard.press("Escape")
    await alice.page.keyboard.press("Control+k")
    await alice.page.keyboard.type("bob")
    await alice.page.keyboard.press("Enter")
    await sees(alice.page, "It did")
    await alice.page.keyboard.press("Control+f")
    await alice.page.keyboard.type("fog reach")
    await alice.page.locator("mark").getByText("fog reach").first().waitFor()
    await alice.page.keyboard.press("Escape")
  })

  await t.test("rules of a group bind the other side, and who is removed can read but not write", async () => {
    const { page } = alice
    await page.getByRole("button", { name: "New chat" }).click()
    await page.getByRole("button", { name: "New group" }).click()
    await page.getByLabel(words.people.group.name).fill("Workshop")
    await page.getByRole("checkbox", { name: /Bob Builder/ }).click()
    await page.getByRole("button", { name: "Create group with 1 person" }).click()
    await say(page, "Welcome to the workshop")
    await bob.page.keyboard.press("Escape")
    await bob.page.getByRole("navigation", { name: "Chats" }).getByText("Workshop").first().click()
    await sees(bob.page, "Welcome to the workshop")
    await page.getByRole("button", { name: "Group info" }).click()
    await page.getByRole("group", { name: words.people.rules.post }).getByText("Admins").click()
    await bob.page.getByText(words.chat.closed.adminsOnly).waitFor()
    await page.getByRole("group", { name: words.people.rules.post }).getByText("Everyone").click()
    await say(bob.page, "Thank you")
    await sees(page, "Thank you")
    await page.getByRole("button", { name: "Actions for Bob Builder" }).click()
    await page.getByRole("menuitem", { name: "Remove from group…" }).click()
    await page.getByRole("button", { name: "Remove", exact: true }).click()
    await bob.page.getByText(words.chat.closed.left).waitFor()
    await page.getByText("You removed Bob Builder.").waitFor()
  })

  await t.test("the export holds what was said and no key, and the server's record is what was given", async () => {
    const { page } = alice
    await page.goto(`${server.url}/#/settings/server`)
    await page.getByText("Alice Example", { exact: true }).last().waitFor()
    await page.goto(`${server.url}/#/settings/data`)
    const download = page.waitForEvent("download")
    await page.getByRole("button", { name: words.settings.data.exportIt }).click()
    const text = readFileSync(await (await download).path(), "utf8")
    const data = JSON.parse(text) as { readonly format: string; readonly chats: readonly { readonly messages: readonly unknown[] }[] }
    assert.equal(data.format, "nodoor-export/v1")
    assert.ok(data.chats.length >= 2)
    assert.match(text, /Did the fog reach you too\?/)
    assert.doesNotMatch(text, /seed|privateKey|secret/i)
  })

  await t.test("who is blocked is not heard any more", async () => {
    const { page } = bob
    await page.getByRole("navigation", { name: "Chats" }).getByText("Alice Example").first().click()
    await page.getByRole("button", { name: "More" }).first().click()
    await page.getByRole("menuitem", { name: "Block…" }).click()
    await page.getByRole("button", { name: "Block", exact: true }).click()
    await page.getByText("You blocked Alice Example.").waitFor()
    await alice.page.goto(`${server.url}/#/`)
    await alice.page.getByRole("navigation", { name: "Chats" }).getByText("Bob Builder").first().click()
    await say(alice.page, "are you there?")
    await lastIs(alice.page, /^Sent$/)
    await page.waitForTimeout(1000)
    assert.equal(await page.getByText("are you there?").count(), 0)
  })

  assert.deepEqual([...alice.faults, ...bob.faults], [])
})
