// Every screen is looked at by axe (WCAG 2.2 AA) in dark on a phone, and must fit its window.

import { test } from "node:test"
import { withoutChromium } from "./fixtures/browser.ts"
import { lookAt } from "./fixtures/look-at.ts"
import { screens } from "./fixtures/screens.ts"

test("every screen passes axe and fits its window, dark on a phone", { skip: withoutChromium, timeout: 290_000 }, (t) =>
  lookAt(t, screens, { onDesk: [] }),
)
