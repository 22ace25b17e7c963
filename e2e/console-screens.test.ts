// Every screen of the operator's console is looked at by axe (WCAG 2.2 AA), light on a desk and dark on a phone; and what happens to a person
// in the middle of something.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { Page } from "playwright-core"
import { openBrowser, withoutChromium } from "./fixtures/browser.ts"
import { consoleScreens } from "./fixtures/console-screens.ts"
import { lookAt } from "./fixtures/look-at.ts"
import { serveScreens } from "./fixtures/screens.ts"
import { consoleWords } from "./fixtures/words.ts"

/** The others are looked at on a desk by console.test.ts, on a real server. */
const beyondConsoleTest = consoleScreens.filter(({ path }) => !path.startsWith("operator.html?scene=console"))
const idleMs = 31 * 60_000

test("every screen of the console passes axe and fits its window", { skip: withoutChromium, timeout: 200_000 }, async (t) => {
  await lookAt(t, consoleScreens, { onDesk: beyondConsoleTest })
})

test(
  "somebody who is signed out by idleness finds what they typed of a case when they are back",
  { skip: withoutChromium, timeout: 60_000 },
  async (t) => {
    const url = await serveScreens(t)
    const page = await (await openBrowser(t)).newPage()
    await page.clock.install()
    await page.goto(`${url}operator.html#/cases/new`)
    await page.getByLabel("Authority").fill("Amtsgericht Musterstadt")
    await page.getByRole("checkbox", { name: /^Content of messages/ }).check()
    await page.clock.fastForward(idleMs)
    await page.getByRole("heading", { level: 1, name: consoleWords.frame.enter.signedOut }).waitFor()
    assert.equal(await page.getByLabel("Authority").count(), 0, "nothing of it is shown meanwhile")
    await page.getByText(consoleWords.frame.enter.draftKept).waitFor()
    await page.getByRole("button", { name: "Sign in with a passkey" }).click()
    await page.getByRole("heading", { level: 1, name: "New case" }).waitFor()
    assert.equal(await page.getByLabel("Authority").inputValue(), "Amtsgericht Musterstadt")
    assert.ok(await page.getByRole("checkbox", { name: /^Content of messages/ }).isChecked())
  },
)

test(
  "the code of an enrolment is in the address no more when the page is drawn, nor in its history",
  { skip: withoutChromium, timeout: 60_000 },
  async (t) => {
    const url = await serveScreens(t)
    const page = await (await openBrowser(t)).newPage()
    await page.goto(`${url}operator.html?scene=sign-in#enrol=${"AbC-_".repeat(8)}123`)
    await page.getByRole("heading", { level: 1, name: consoleWords.frame.enter.makePasskey }).waitFor()
    assert.doesNotMatch(page.url(), /enrol/)
    assert.equal(await page.evaluate("history.length"), 2, "about:blank and this page: the address was replaced, not left behind")
    await page.reload()
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor()
  },
)

test(
  "with the keyboard alone one gets past the navigation, to another page, and through a dialog and back",
  { skip: withoutChromium, timeout: 60_000 },
  async (t) => {
    const url = await serveScreens(t)
    const page = await (await openBrowser(t)).newPage()
    await page.goto(`${url}operator.html#/invites`)
    await page.getByRole("button", { name: consoleWords.invites.make }).waitFor()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert.equal(await focused(page), "Invites", "the first stop leads past the navigation to the heading")
    await page.keyboard.press("Tab")
    assert.equal(await focused(page), consoleWords.invites.make)
    await page.keyboard.press("Enter")
    await page.getByRole("dialog", { name: consoleWords.invites.make }).waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    assert.equal(await focused(page), consoleWords.invites.make, "the focus is back where it came from")
    await page.getByRole("link", { name: "Log", exact: true }).focus()
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { level: 1, name: "Log" }).waitFor()
    assert.equal(await focused(page), "Log", "a new page begins at its heading")
  },
)

function focused(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement?.textContent?.trim() ?? ''")
}
