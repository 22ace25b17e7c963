// One account in several browsers: linked without a camera, refused by a wrong number, removed again.

import assert from "node:assert/strict"
import { test } from "node:test"
import { openBrowser, openPerson, openTalk, say, sees, withoutChromium } from "./fixtures/browser.ts"
import { askToLink, linkBrowser, openDevices, shownNumber, typeCode } from "./fixtures/linking.ts"
import { askForWords, backUp, bringBack, writeDownWords } from "./fixtures/recovery.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { words } from "./fixtures/words.ts"

const options = { skip: withoutChromium, timeout: 240_000 }

test(
  "a second browser is linked by a typed code, has the old messages, both get what is written, and it removes the first",
  options,
  async (t) => {
    const server = await startServerProcess(t)
    const browser = await openBrowser(t)
    const { alice, bob } = await openTalk(browser, server, "written before the link")

    const second = await linkBrowser(await browser.newContext({ locale: "en-GB" }), alice.page, server.url)
    await second.locator("[data-chat]").first().click()
    await sees(second, "written before the link")
    await say(bob.page, "for both of you")
    await sees(second, "for both of you")
    await say(second, "from the second browser")
    await sees(bob.page, "from the second browser")
    await alice.page.goto(server.url)
    await alice.page.locator("[data-chat]").first().click()
    await sees(alice.page, "from the second browser")

    // The second one removes the first: no device is the main one.
    await openDevices(second)
    const row = second.getByRole("button").filter({ hasText: words.link.classes.web }).filter({ hasNotText: words.link.list.here })
    await row.click()
    await second.getByRole("button", { name: words.link.device.remove }).click()
    await second.getByRole("button", { name: words.settings.devices.removal.confirm }).click()
    await alice.page.getByText(words.settings.storage.removed.title).first().waitFor({ timeout: 60_000 })
    await second.goto(server.url)
    await second.locator("[data-chat]").first().click()
    await say(bob.page, "without the first")
    await sees(second, "without the first")
    await say(second, "still here")
    await sees(bob.page, "still here")
    assert.equal(await alice.page.getByText("without the first").count(), 0)
    assert.deepEqual([...alice.faults, ...bob.faults], [])
  },
)

test("a wrong number ends the linking on both sides, and nothing was handed over", options, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const alice = await openPerson(browser, server, { handle: "alice", name: "Alice Example" })
  const other = await (await browser.newContext({ locale: "en-GB" })).newPage()
  await typeCode(alice.page, await askToLink(other, server.url))
  const right = await shownNumber(other)
  const offered = await alice.page.getByRole("button", { name: /^Choose / }).allInnerTexts()
  const wrong = offered.find((number) => number.trim() !== right)
  assert.ok(offered.length === 3 && wrong !== undefined)
  await alice.page.getByRole("button", { name: words.link.confirm.choose(wrong.trim()) }).click()
  await alice.page.getByRole("button", { name: words.link.failed.again }).waitFor()
  await other.getByRole("button", { name: words.link.failed.newCode }).waitFor()
  for (const page of [alice.page, other])
    await page.getByRole("heading", { name: words.link.failed.titles["link_wrong_number"] ?? "" }).waitFor()
  await openDevices(alice.page)
  assert.equal(await alice.page.getByRole("button", { name: words.settings.devices.removeUnknown }).count(), 0)
  await alice.page.getByText(words.link.list.here, { exact: true }).waitFor()
  assert.equal(await alice.page.getByText(words.link.classes.web).count(), 1)
})

test(
  "24 words bring the account and its chats back in a browser that has nothing else, and a mistyped one is named",
  options,
  async (t) => {
    const server = await startServerProcess(t)
    const browser = await openBrowser(t)
    const { alice, bob } = await openTalk(browser, server, "before the loss")
    await alice.page.getByRole("button", { name: words.recovery.remind.start }).click()
    const paper = await writeDownWords(alice.page)
    await openDevices(alice.page)
    await backUp(alice.page)
    await alice.context.close()

    const page = await (await browser.newContext({ locale: "en-GB" })).newPage()
    await askForWords(page, server.url)
    await page.getByLabel(words.recovery.use.handle).fill("alice")
    const first = page.getByLabel(words.recovery.form.word(1), { exact: true })
    await first.fill(paper.with(4, "zzzz").join(" "))
    await page.getByRole("button", { name: words.recovery.use.submit }).click()
    await page.getByText(words.recovery.form.unknown(1)).waitFor()
    await page.getByLabel(words.recovery.form.word(5), { exact: true }).fill(paper[4] ?? "")
    await page.getByRole("button", { name: words.recovery.use.submit }).click()
    await bringBack(page)
    await page.locator("[data-chat]").first().click()
    await sees(page, "before the loss")
    // The others let it in again by themselves, and it does not wait a minute to see it.
    await page.getByLabel(/^Message to/).waitFor({ timeout: 45_000 })
    await say(page, "it is me again")
    await sees(bob.page, "it is me again")
    assert.deepEqual(bob.faults, [])
  },
)
