// The conversation follows its end for whoever looks at it, stays for whoever reads further up, and takes whoever writes to what they wrote.
// On the in-memory device of packages/web/dev, where somebody writes at a moment of the test's choosing.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { words } from "./fixtures/words.ts"
import { openBrowser, say, withoutChromium } from "./fixtures/browser.ts"
import { sampleId, serveScreens } from "./fixtures/screens.ts"

/** A group with three unread messages, and a chat in which nothing has been read. */
const short = sampleId(22)
const long = sampleId(21)
const unread = sampleId(36)
const empty = sampleId(34)
/** Longer than rows need to be measured, and than the list glides. */
const settledMs = 500

test("the conversation follows", { skip: withoutChromium, timeout: 240_000 }, async (t) => {
  const url = await serveScreens(t)
  const browser = await openBrowser(t)
  const opened = async (chat: string, options: BrowserContextOptions = {}): Promise<Page> =>
    openAt(browser, `${url}?scene=home#/chat/${chat}`, options)

  for (const [name, chat] of [
    ["some", short],
    ["all", unread],
  ] as const)
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ])
      await t.test(
        `${name} messages unread that fit one screen of ${viewport.width} pixels: what comes next is seen, and read`,
        async () => {
          const page = await opened(chat, { viewport })
          await page.getByText("New messages", { exact: true }).waitFor()
          for (let i = 0; i < 18; i++) {
            await arrive(page, chat, `number ${i}`)
            await page.locator("[data-bubble]").getByText(`number ${i}`, { exact: true }).waitFor({ state: "attached" })
            await endIsSeen(page, `after ${i + 1}`)
          }
          await page.locator(`[data-chat="${chat}"]`).getByText("unread").waitFor({ state: "detached" })
          assert.equal(await page.getByRole("button", { name: /^Go to the newest message/ }).count(), 0)
          await page.context().close()
        },
      )

  await t.test("the first messages of an empty chat are seen, one's own and others'", async () => {
    const page = await opened(empty)
    for (let i = 0; i < 30; i++) await (i % 2 === 0 ? say(page, `own ${i}`) : arrive(page, empty, `theirs ${i}`))
    await page.getByText("theirs 29", { exact: true }).last().waitFor()
    await page.waitForTimeout(settledMs)
    await endIsSeen(page, "after thirty")
    await page.context().close()
  })

  await t.test("whoever reads further up stays there, sees how many came, and is taken to the end by the button", async () => {
    const page = await opened(long)
    await scrollUp(page, 2500)
    const before = await firstSeen(page)
    for (let i = 0; i < 3; i++) await arrive(page, long, `later ${i}`)
    await page.getByRole("button", { name: words.chat.messages.jump(3) }).waitFor()
    assert.deepEqual(await firstSeen(page), before)
    await page.getByRole("button", { name: words.chat.messages.jump(3) }).click()
    await page.getByText("later 2", { exact: true }).last().waitFor()
    await page.waitForTimeout(settledMs)
    await endIsSeen(page, "after the jump")
    await page.getByRole("button", { name: /^Go to the newest message/ }).waitFor({ state: "detached" })
    await page.context().close()
  })

  for (const reducedMotion of ["no-preference", "reduce"] as const)
    await t.test(`whoever sends while reading further up is at the end, with motion: ${reducedMotion}`, async () => {
      const page = await opened(long, { reducedMotion })
      await page.evaluate(`(() => { window.glides = 0; const animate = Element.prototype.animate
        Element.prototype.animate = function (...rest) { window.glides++; return animate.apply(this, rest) } })()`)
      await scrollUp(page, 60_000)
      await page.waitForTimeout(settledMs)
      await scrollUp(page, 60_000)
      await say(page, "written from far above")
      await page.locator("[data-bubble]").getByText("written from far above", { exact: true }).waitFor()
      await page.waitForTimeout(settledMs)
      await endIsSeen(page, "after sending")
      const glides = await page.evaluate<number>("window.glides")
      assert.ok(reducedMotion === "reduce" ? glides === 0 : glides > 0, `${glides} glides`)
      await page.context().close()
    })

  await t.test("the end stays in view when the window, the letters or a message change their size", async () => {
    const page = await opened(long)
    await endIsSeen(page, "opened")
    for (const height of [420, 900, 610]) {
      await page.setViewportSize({ width: 1280, height })
      await page.waitForTimeout(settledMs)
      await endIsSeen(page, `height ${height}`)
    }
    await page.setViewportSize({ width: 720, height: 610 })
    await page.waitForTimeout(settledMs)
    await endIsSeen(page, "narrower")
    for (const size of ["24px", "12px"]) {
      await page.evaluate(`document.documentElement.style.fontSize = "${size}"`)
      await page.waitForTimeout(settledMs)
      await endIsSeen(page, `letters of ${size}`)
    }
    await grow(page, -4)
    await endIsSeen(page, "a picture above the last ones has come")
    await grow(page, -1)
    await endIsSeen(page, "a picture in the last one has come")
    await arrive(page, long, "after all that")
    await page.getByText("after all that", { exact: true }).last().waitFor()
    await page.waitForTimeout(settledMs)
    await endIsSeen(page, "and one more")
    await page.context().close()
  })

  await t.test("whoever reads further up keeps the line when something above it grows", async () => {
    const page = await opened(long)
    await scrollUp(page, 1500)
    await page.waitForTimeout(settledMs)
    const before = await firstSeen(page)
    await page.evaluate(`(() => { const rows = [...document.querySelectorAll("[data-row]")]
      const at = rows.findIndex((row) => row.dataset.row === "${before.id}")
      rows[at - 3].querySelector("[data-bubble]").style.minHeight = "300px" })()`)
    await page.waitForTimeout(settledMs)
    assert.deepEqual(await firstSeen(page), before)
    await page.context().close()
  })

  await t.test("what came while the tab was hidden is marked, and reading goes on where it stopped", async () => {
    const page = await opened(long)
    await hide(page, true)
    await arrive(page, long, "one while away")
    await page.getByText("one while away", { exact: true }).last().waitFor()
    await hide(page, false)
    await page.waitForTimeout(settledMs)
    await endIsSeen(page, "one fits")
    await page.getByText("New messages", { exact: true }).waitFor()
    await say(page, "mine")
    await page.getByText("New messages", { exact: true }).waitFor({ state: "detached" })
    await page.waitForTimeout(settledMs)
    await hide(page, true)
    for (let i = 0; i < 40; i++) await arrive(page, long, `while away ${i}`)
    await page.getByText("while away 39", { exact: true }).last().waitFor({ state: "attached" })
    await hide(page, false)
    await page.waitForTimeout(settledMs)
    const seen = await page.getByText("while away 0", { exact: true }).last().boundingBox()
    assert.ok(seen !== null && seen.y > 0 && seen.y < 600, "the first that was not seen is in view")
    await page.getByRole("button", { name: /^Go to the newest message/ }).waitFor()
    await page.context().close()
  })
})

async function openAt(browser: Browser, address: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", ...options })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  await page.goto(address)
  await page.getByLabel(/^Message to/).waitFor()
  await page.waitForTimeout(settledMs)
  return page
}

const arrive = (page: Page, chat: string, text: string): Promise<unknown> =>
  page.evaluate(`window.arrive(${JSON.stringify(chat)}, ${JSON.stringify(text)})`)

const box = `(() => { let box = document.querySelector("[data-row]"); while (getComputedStyle(box).overflowY !== "auto") box = box.parentElement; return box })()`

const belowEnd = `(() => { const box = ${box}; const rows = box.querySelectorAll("[data-row]")
  return Math.round(rows[rows.length - 1].getBoundingClientRect().bottom - box.getBoundingClientRect().bottom) })()`

/** The last message ends inside the view once the list has come to rest. */
async function endIsSeen(page: Page, when: string): Promise<void> {
  await page.waitForFunction(`${belowEnd} <= 1`, undefined, { timeout: 3000 }).catch(() => {})
  const below = await page.evaluate<number>(belowEnd)
  assert.ok(below <= 1, `${when}: the last message ends ${below} pixels below the view`)
}

async function scrollUp(page: Page, by: number): Promise<void> {
  await page.evaluate(`${box}.scrollBy(0, -${by})`)
  await page.waitForTimeout(settledMs)
}

/** The first row that is seen whole, and where. */
const firstSeen = (page: Page): Promise<{ readonly id: string; readonly top: number }> =>
  page.evaluate(`(() => { const box = ${box}; const top = box.getBoundingClientRect().top
    const row = [...box.querySelectorAll("[data-row]")].find((row) => row.getBoundingClientRect().top >= top)
    return { id: row.dataset.row, top: Math.round(row.getBoundingClientRect().top) } })()`)

/** As when a picture has been loaded: the message counted from the end is taller than before. */
async function grow(page: Page, fromEnd: number): Promise<void> {
  await page.evaluate(`[...document.querySelectorAll("[data-bubble]")].at(${fromEnd}).style.minHeight = "260px"`)
  await page.waitForTimeout(settledMs)
}

async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, value: ${hidden} })
    Object.defineProperty(document, "visibilityState", { configurable: true, value: ${hidden} ? "hidden" : "visible" })
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))`)
}
