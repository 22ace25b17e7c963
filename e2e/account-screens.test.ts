// The same for the screens of linking, recovery and backups.

import { test } from "node:test"
import { accountScreens } from "./fixtures/account-screens.ts"
import { withoutChromium } from "./fixtures/browser.ts"
import { lookAt } from "./fixtures/look-at.ts"

test(
  "every screen of the own account passes axe and fits its window, light and dark, wide and narrow",
  { skip: withoutChromium, timeout: 290_000 },
  (t) => lookAt(t, accountScreens),
)
