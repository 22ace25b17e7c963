// What is typed is what is shown, nothing is sent or cut that was not meant to be, and a link says where it leads. On the in-memory device
// of packages/web/dev.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { BrowserContextOptions, Page } from "playwright-core"
import { openBrowser, say, withoutChromium } from "./fixtures/browser.ts"
import { sampleId, serveScreens } from "./fixtures/screens.ts"
import { words } from "./fixtures/words.ts"

/** A group: nobody in it answers by themselves. */
const chat = `?scene=home#/chat/${sampleId(22)}`

test("writing", { skip: withoutChromium, timeout: 240_000 }, async (t) => {
  const url = await serveScreens(t)
  const browser = await openBrowser(t)
  const opened = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", ...options })
    context.setDefaultTimeout(20_000)
    const page = await context.newPage()
    await page.goto(url + path)
    return page
  }

  await t.test("what is typed is what is shown, and what is copied", async () => {
    const page = await opened(chat, { permissions: ["clipboard-read", "clipboard-write"] })
    for (const typed of [
      "2*3*4 = 24",
      "__init__.py and snake_case_name",
      "C:\\new\\*folder*",
      "1) one\n3) three\n\n\n# no heading",
      "- [ ] milk\n- [x] bread\nthanks",
      "<b>&amp;</b> [x](https://a.example) | ~5 |",
      "    indented\n\\*not\\*",
    ]) {
      await say(page, typed)
      const bubble = page
        .locator("[data-row]")
        .filter({ has: page.locator("[data-bubble]") })
        .last()
        .locator("[data-bubble]")
      await page.waitForFunction(
        `[...document.querySelectorAll("[data-bubble]")].at(-1).textContent.includes(${JSON.stringify(typed.split("\n").at(-1)?.slice(-3))})`,
      )
      await bubble.click({ button: "right" })
      await page.getByRole("menuitem", { name: "Copy text" }).click()
      assert.equal(await page.evaluate<string>("navigator.clipboard.readText()"), typed)
      const words = (text: string): string => text.replaceAll(/\s+/g, " ").trim()
      assert.ok(words(await bubble.innerText()).startsWith(words(typed)), `${await bubble.innerText()} instead of ${typed}`)
    }
    await page.context().close()
  })

  await t.test("marks are drawn, and come back for changing the message", async () => {
    const page = await opened(chat)
    await say(page, "*so* _much_ ~less~ `x*y*z` and ```npm ci && npm start``` then open it")
    const bubble = page.locator("[data-bubble]").last()
    await bubble.getByText("so", { exact: true }).waitFor()
    assert.deepEqual(await bubble.locator("strong, em, s, code").allInnerTexts(), ["so", "much", "less", "x*y*z", "npm ci && npm start"])
    assert.match(await bubble.innerText(), /then open it/)
    await page.getByLabel(/^Message to/).press("ArrowUp")
    const typed = "*so* _much_ ~less~ `x*y*z` and `npm ci && npm start` then open it"
    await page.waitForFunction(`document.activeElement.value === ${JSON.stringify(typed)}`)
    await page.context().close()
  })

  await t.test("a long paste is kept whole, said to be too long, and not sent", async () => {
    const page = await opened(chat, { permissions: ["clipboard-read", "clipboard-write"] })
    const box = page.getByLabel(/^Message to/)
    await box.fill("")
    const long = Array.from({ length: 3000 }, (_, i) => `line ${i + 1} of text`).join("\n")
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(long)})`)
    await box.press("Control+V")
    await page.getByText(`${(long.length - 20_000).toLocaleString("en")} characters too long. Shorten it, or send it in parts.`).waitFor()
    assert.equal((await box.inputValue()).length, long.length)
    const before = await page.locator("[data-bubble]").count()
    await box.press("Enter")
    assert.equal(await page.getByRole("button", { name: "Send", exact: true }).isDisabled(), true)
    assert.equal((await box.inputValue()).length, long.length)
    assert.equal(await page.locator("[data-bubble]").count(), before)
    await box.fill(long.slice(0, 20_000))
    await page.getByText("characters too long").waitFor({ state: "detached" })
    await page.context().close()
  })

  await t.test("the Enter that confirms a word of an input method sends nothing, as Chromium and as Safari send it", async () => {
    const page = await opened(chat)
    const box = page.getByLabel(/^Message to/)
    await box.fill("にほんご")
    const before = await page.locator("[data-bubble]").count()
    const enter = (init: string, first = ""): Promise<unknown> =>
      page.evaluate(`(() => { const box = document.activeElement; ${first}
        box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", bubbles: true, cancelable: true, ${init} })) })()`)
    await box.focus()
    await enter("keyCode: 13, isComposing: true")
    await enter("keyCode: 229, which: 229, isComposing: false")
    await enter(
      "keyCode: 13, isComposing: false",
      `box.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "語" }));`,
    )
    await page.waitForTimeout(300)
    assert.equal(await page.locator("[data-bubble]").count(), before)
    assert.equal(await box.inputValue(), "にほんご")
    await box.press("Enter")
    await page.locator("[data-bubble]").getByText("にほんご", { exact: true }).waitFor()
    await page.context().close()
  })

  await t.test("a link that hides where it leads shows it, and asks before it opens", async () => {
    const page = await opened(`?scene=home#/chat/${sampleId(35)}`)
    const context = page.context()
    await context.route(/bank\.example|xn--|example\.org/, (route) => route.fulfill({ body: "elsewhere" }))
    await page.locator("[data-bubble]").getByText("(https://bank.example.evil.example/login?next=%2F)").waitFor()
    await page.getByText("your bank", { exact: true }).click()
    await page.getByRole("heading", { name: words.part.link.title }).waitFor()
    await page.getByRole("button", { name: "Cancel" }).click()
    assert.equal(context.pages().length, 1)
    await page.locator("[data-bubble]").getByText("(https://xn--pple-43d.example/a)").waitFor()
    await page.getByText("your bank", { exact: true }).click()
    const [other] = await Promise.all([context.waitForEvent("page"), page.getByRole("button", { name: "Open", exact: true }).click()])
    assert.equal(other.url(), "https://bank.example.evil.example/login?next=%2F")
    const plain = await page.getByRole("link", { name: "www.example.org/Go_(game)" }).getAttribute("href")
    assert.equal(plain, "https://www.example.org/Go_(game)")
    assert.equal(await page.getByRole("link", { name: "+49 30 1234567" }).getAttribute("href"), "tel:+49301234567")
    await context.close()
  })

  await t.test("New chat and requests keep the conversation beside them, and Esc leads back to it", async () => {
    const page = await opened(chat)
    const box = page.getByLabel(/^Message to/)
    await box.waitFor()
    await page.getByRole("button", { name: "New chat" }).click()
    await page.getByRole("heading", { name: "New chat" }).waitFor()
    assert.equal(await box.isVisible(), true)
    await page.getByRole("button", { name: "New group" }).click()
    assert.equal(await box.isVisible(), true)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: "New chat" }).waitFor()
    assert.equal(await box.isVisible(), true)
    await page.getByText("1 request").click()
    await page.getByRole("heading", { name: "Requests" }).waitFor()
    assert.equal(await box.isVisible(), true)
    await page.context().close()
  })

  await t.test("what is written while another chat is being opened never goes to the one beside it", async () => {
    const page = await opened(`?scene=home#/new/${sampleId(21)}`)
    await page.getByLabel("Message to Jonas Weber").waitFor()
    await page.getByLabel("Handle").fill("amara.o")
    await page.getByRole("button", { name: "Open chat" }).click()
    await say(page, "only for Amara")
    await page.getByLabel("Message to Amara Okafor").waitFor()
    await page.locator("[data-bubble]").getByText("only for Amara", { exact: true }).waitFor()
    await page.getByRole("button", { name: "New chat" }).click()
    await page.getByRole("button", { name: "New group" }).click()
    await page.getByLabel(words.people.group.name).fill("Two of us")
    await page.getByRole("checkbox", { name: /Jonas Weber/ }).click()
    await page.getByRole("button", { name: "Create group with 1 person" }).click()
    await say(page, "only for the group")
    await page.getByLabel("Message to Two of us").waitFor()
    await page.locator("[data-bubble]").getByText("only for the group", { exact: true }).waitFor()
    await page.context().close()
  })

  await t.test("a link of another server says so and opens nothing; one of this server leads to the person", async () => {
    const page = await opened("?scene=home#/new")
    await page.getByLabel("Handle").fill("https://other.example/@jonas")
    await page.getByRole("button", { name: "Open chat" }).click()
    await page.getByText("This link is for another server, other.example.").waitFor()
    assert.equal(await page.getByLabel(/^Message to/).count(), 0)
    assert.equal(await page.getByText("Lena Kaufmann").count(), 0, "whoever only asked is not among the people one knows")
    await page.getByLabel("Handle").fill("Look: chat.example.org/@Jonas, please")
    await page.getByRole("button", { name: "Open chat" }).click()
    await page.getByLabel("Message to Jonas Weber").waitFor()
    await page.getByRole("searchbox").fill("https://other.example/@jonas")
    await page.getByText("This link is for another server, other.example.").waitFor()
    await page.getByRole("searchbox").fill("@amara.o")
    await page.getByRole("button", { name: "Write to @amara.o" }).click()
    await page.getByLabel("Message to Amara Okafor").waitFor()
    await page.context().close()
  })

  await t.test("at midnight Today becomes Yesterday while the page stays open", async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", timezoneId: "Europe/Berlin" })
    await context.clock.install({ time: new Date("2026-06-10T23:57:00+02:00") })
    const page = await context.newPage()
    await page.goto(url + chat)
    await say(page, "late")
    const day = page.locator("section").filter({ has: page.locator("[data-bubble]").getByText("late", { exact: true }) })
    await day.getByRole("heading", { name: "Today" }).waitFor({ state: "attached" })
    await context.clock.fastForward("05:00")
    await day.getByRole("heading", { name: "Yesterday" }).waitFor({ state: "attached" })
    await page
      .locator(`[data-chat="${sampleId(21)}"]`)
      .getByText("Yesterday")
      .waitFor()
    await context.close()
  })
})
