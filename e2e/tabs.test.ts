// Several tabs of one browser: one of them owns the device, the others look through it, and any of them may close.

import assert from "node:assert/strict"
import { test } from "node:test"
import { openBrowser, openPerson, openTalk, say, sees, shownTexts, withoutChromium } from "./fixtures/browser.ts"
import { startServerProcess } from "./fixtures/server-process.ts"

test(
  "two tabs show the same, and when the one that owns the device closes the other takes over without losing anything",
  { skip: withoutChromium, timeout: 120_000 },
  async (t) => {
    const server = await startServerProcess(t)
    const browser = await openBrowser(t)
    const { alice, bob } = await openTalk(browser, server, "from the first tab")

    const second = await alice.context.newPage()
    await second.goto(alice.page.url())
    await sees(second, "from the first tab")
    await say(second, "from the second tab")
    await sees(alice.page, "from the second tab")
    await sees(bob.page, "from the second tab")
    await say(bob.page, "to both tabs")
    await sees(alice.page, "to both tabs")
    await sees(second, "to both tabs")

    // The message is written in one tab in the moment in which the owner of the device goes.
    const closing = alice.page.close()
    await say(second, "while the first one closes")
    await closing
    await sees(bob.page, "while the first one closes")
    await say(bob.page, "to the one that is left")
    await sees(second, "to the one that is left")
    await say(second, "and back")
    await sees(bob.page, "and back")

    const third = await alice.context.newPage()
    await third.goto(second.url())
    await sees(third, "and back")
    const expected = [
      "from the first tab",
      "from the second tab",
      "to both tabs",
      "while the first one closes",
      "to the one that is left",
      "and back",
    ]
    for (const page of [second, third, bob.page])
      assert.deepEqual(
        (await shownTexts(page)).filter((text) => expected.includes(text)),
        expected,
      )
    assert.deepEqual([...alice.faults, ...bob.faults], [])
  },
)

test("an account that is erased leaves nothing in the browser, in any tab", { skip: withoutChromium, timeout: 60_000 }, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const alice = await openPerson(browser, server, { handle: "alice", name: "Alice Example" })
  const second = await alice.context.newPage()
  await second.goto(server.url)
  await second.getByRole("button", { name: "New chat" }).waitFor()
  await alice.page.goto(`${server.url}/#/settings/data`)
  await alice.page.getByRole("button", { name: "Erase…" }).click()
  await alice.page.getByLabel("Your handle").fill("alice")
  await alice.page.getByRole("button", { name: "Erase from this browser" }).click()
  await alice.page.getByText("Create your account").waitFor()
  await second.getByText("Create your account").waitFor()
  const left = await second.evaluate("navigator.storage.getDirectory().then((root) => Array.fromAsync(root.keys()))")
  assert.deepEqual(left, [])
  assert.deepEqual(alice.faults, [])
})
