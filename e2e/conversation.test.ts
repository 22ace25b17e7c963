// Two browsers and a terminal in one group, from registration over a killed server to the last message.

import assert from "node:assert/strict"
import { test } from "node:test"
import { accept, openBrowser, openChatWith, openPerson, openRequest, say, sees, shownTexts, withoutChromium } from "./fixtures/browser.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { openTerminal } from "./fixtures/terminal.ts"
import { words } from "./fixtures/words.ts"

test(
  "two browsers and a terminal talk in one group, the server is killed in the middle, and nothing is lost or shown twice",
  { skip: withoutChromium, timeout: 180_000 },
  async (t) => {
    const server = await startServerProcess(t)
    const browser = await openBrowser(t)
    const alice = await openPerson(browser, server, { handle: "alice", name: "Alice Example" })
    const bob = await openPerson(browser, server, { handle: "bob", name: "Bob Builder" })
    const carol = await openTerminal(t, server, { handle: "carol", name: "Carol Clark" })

    await t.test("a stranger's first message is a request, and answering it makes it a chat", async () => {
      await openChatWith(alice.page, "bob")
      await say(alice.page, "Hello Bob")
      await openRequest(bob.page, "Hello Bob")
      await accept(bob.page)
      await say(bob.page, "Hello Alice")
      await sees(alice.page, "Hello Alice")
    })

    const expected: string[] = []
    await t.test("a group made in a browser reaches another browser and a terminal", async () => {
      const { page } = alice
      await page.getByRole("button", { name: "New chat" }).click()
      await page.getByRole("button", { name: "New group" }).click()
      await page.getByLabel(words.people.group.name).fill("Boat crew")
      await page.getByRole("checkbox", { name: /Bob Builder/ }).click()
      await page.getByLabel("Handle").fill("carol")
      await page.keyboard.press("Enter")
      await page
        .getByRole("checkbox", { name: /@carol/ })
        .and(page.locator("[aria-checked=true]"))
        .waitFor()
      await page.getByRole("button", { name: "Create group with 2 people" }).click()
      await say(page, "Who is coming?")
      expected.push("Who is coming?")
      await bob.page.getByRole("navigation", { name: "Chats" }).getByText("Boat crew").first().click()
      await sees(bob.page, "Who is coming?")
      assert.deepEqual(await carol.receive(20), ["Who is coming?"])
      assert.equal((await carol.run("accept", "Boat crew")).code, 0)
      assert.equal((await carol.run("send", "--chat", "Boat crew", "I am, says the terminal")).code, 0)
      expected.push("I am, says the terminal")
      await sees(alice.page, "I am, says the terminal")
      await sees(bob.page, "I am, says the terminal")
    })

    await t.test("what is written while the server is dead goes out when it is back", async () => {
      await say(bob.page, "before the cut")
      expected.push("before the cut")
      await sees(alice.page, "before the cut")
      await server.kill()
      await say(alice.page, "written by Alice while it was dead")
      await alice.page.locator("[data-row]").last().getByText("Waiting to be sent").waitFor({ state: "attached" })
      await bob.page.getByText(words.list.connection.offline).waitFor()
      await server.start()
      await sees(bob.page, "written by Alice while it was dead")
      expected.push("written by Alice while it was dead")
      await say(bob.page, "and after")
      await sees(alice.page, "and after")
      expected.push("and after")
    })

    await t.test("what is written without a network goes out when it is back, in the order it was written", async () => {
      await alice.context.setOffline(true)
      for (const text of ["offline one", "offline two", "offline three"]) await say(alice.page, text)
      await alice.page.locator("[data-row]").last().getByText("Waiting to be sent").waitFor({ state: "attached" })
      await alice.context.setOffline(false)
      await sees(bob.page, "offline three")
      expected.push("offline one", "offline two", "offline three")
    })

    await t.test("after a reload everybody has every message once, in the same order", async () => {
      for (const { page } of [alice, bob]) {
        await page.reload()
        await sees(page, "offline three")
        assert.deepEqual(
          (await shownTexts(page)).filter((text) => expected.includes(text)),
          expected,
        )
      }
      assert.deepEqual(
        await carol.receive(20),
        expected.filter((text) => text !== "Who is coming?" && !text.includes("terminal")),
      )
      assert.deepEqual(await carol.receive(3), [])
    })

    assert.deepEqual([...alice.faults, ...bob.faults], [])
  },
)
