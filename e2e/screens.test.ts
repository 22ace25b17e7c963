// Every screen is looked at by axe (WCAG 2.2 AA), light on a desk and dark on a phone, and must fit its window.

import assert from "node:assert/strict"
import { test } from "node:test"
import { violations } from "./fixtures/axe.ts"
import { openBrowser, withoutChromium } from "./fixtures/browser.ts"
import { screens, serveScreens } from "./fixtures/screens.ts"

const looks = [
  { name: "light on a desk", colorScheme: "light", viewport: { width: 1440, height: 900 }, touch: false },
  { name: "dark on a phone", colorScheme: "dark", viewport: { width: 390, height: 844 }, touch: true },
] as const
const settleMs = 200

test(
  "every screen passes axe and fits its window, light and dark, wide and narrow",
  { skip: withoutChromium, timeout: 240_000 },
  async (t) => {
    const url = await serveScreens(t)
    const browser = await openBrowser(t)
    for (const look of looks) {
      const context = await browser.newContext({
        colorScheme: look.colorScheme,
        viewport: look.viewport,
        hasTouch: look.touch,
        isMobile: look.touch,
        reducedMotion: "reduce",
        locale: "en-GB",
      })
      for (const screen of screens) {
        await t.test(`${screen.name}, ${look.name}`, async () => {
          const page = await context.newPage()
          try {
            await page.goto(url + screen.path)
            await page.waitForTimeout(settleMs)
            await screen.act?.(page)
            await page.waitForTimeout(settleMs)
            assert.deepEqual(await violations(page), [])
            assert.ok(
              await page.evaluate<boolean>("document.documentElement.scrollWidth <= window.innerWidth"),
              "nothing sticks out sideways",
            )
          } finally {
            await page.close()
          }
        })
      }
      await context.close()
    }
  },
)
