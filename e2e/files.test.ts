// Photos and files between two browsers, and between a browser and a terminal.

import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import type { Locator, Page } from "playwright-core"
import { imageKind } from "../packages/web/src/media/image-kind.ts"
import { accept, openBrowser, openRequest, openTalk, withoutChromium } from "./fixtures/browser.ts"
import { cameraPhoto, cameraWords } from "./fixtures/photo.ts"
import { startServerProcess } from "./fixtures/server-process.ts"
import { openTerminal } from "./fixtures/terminal.ts"
import { words } from "./fixtures/words.ts"

const photoIn = (page: Page): Locator => page.getByRole("button", { name: new RegExp(words.file.open) })

/** Chooses files as the attach button does, and leaves the question open. */
async function choose(
  page: Page,
  files: readonly { readonly name: string; readonly mimeType: string; readonly buffer: Buffer }[],
): Promise<Locator> {
  await page.locator("input[type=file]").setInputFiles([...files])
  return page.getByRole("dialog")
}

async function saved(page: Page, button: Locator): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()])
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}

test("photos and files go from browser to browser", { skip: withoutChromium, timeout: 240_000 }, async (t) => {
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const loaded: string[] = []
  const { alice, bob } = await openTalk(browser, server, "look what I found")
  bob.page.on("request", (request) => loaded.push(new URL(request.url()).pathname))
  const photo = await cameraPhoto(alice.page)
  assert.ok(photo.includes(cameraWords))

  await t.test("a photo arrives upright, without what the camera wrote, under its caption", async () => {
    const dialog = await choose(alice.page, [{ name: "IMG_20261130.jpg", mimeType: "image/jpeg", buffer: photo }])
    await dialog.getByText(words.file.send.cleaned).waitFor()
    await dialog.getByLabel(words.file.send.caption).fill("two colours")
    await dialog.getByRole("button", { name: words.file.send.confirm, exact: true }).click()
    await dialog.waitFor({ state: "detached" })
    await photoIn(alice.page).waitFor()
    await bob.page.getByText("two colours").first().waitFor()
    await photoIn(bob.page).click()
    const viewer = bob.page.getByRole("dialog", { name: words.file.viewer.title })
    const { name, bytes } = await saved(bob.page, viewer.getByRole("button", { name: words.file.save, exact: true }))
    assert.equal(name, "photo.jpg")
    assert.deepEqual(imageKind(bytes), { type: "image/jpeg", width: 200, height: 300 })
    assert.ok(!bytes.includes(cameraWords) && !bytes.includes("Exif"))
  })

  await t.test("the viewer zooms by keys, closes by Escape, and the focus is where it was", async () => {
    const viewer = bob.page.getByRole("dialog", { name: words.file.viewer.title })
    const picture = viewer.locator("img").last()
    const scale = async (): Promise<string> => (await picture.getAttribute("style")) ?? ""
    assert.match(await scale(), /scale\(1\)/)
    await bob.page.keyboard.press("+")
    assert.match(await scale(), /scale\(1\.5\)/)
    await bob.page.keyboard.press("0")
    assert.match(await scale(), /scale\(1\)/)
    await bob.page.keyboard.press("Escape")
    await viewer.waitFor({ state: "detached" })
    const focused = await bob.page.evaluate<string>("document.activeElement.getAttribute('aria-label')")
    assert.ok(focused.includes(words.file.open), focused)
  })

  await t.test("a photo that was opened is there after a reload, also without a connection", async () => {
    await bob.context.setOffline(true)
    await photoIn(bob.page).waitFor()
    await bob.context.setOffline(false)
    await bob.page.reload()
    await bob.page.locator("[data-chat]").first().click()
    await photoIn(bob.page).waitFor()
  })

  await t.test("sent as the original file it arrives as it is", async () => {
    const dialog = await choose(alice.page, [{ name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: photo }])
    await dialog.getByText(words.file.send.cleaned).waitFor()
    await dialog.getByRole("checkbox").check()
    await dialog.getByText("IMG_1.jpg").waitFor()
    await dialog.getByRole("button", { name: words.file.send.confirm, exact: true }).click()
    const save = bob.page.getByRole("button", { name: words.file.saveNamed("IMG_1.jpg") })
    await save.waitFor()
    const { name, bytes } = await saved(bob.page, save)
    assert.equal(name, "IMG_1.jpg")
    assert.ok(bytes.equals(photo))
  })

  await t.test("what is pasted or dropped is asked about first, over a clear target", async () => {
    const send = async (act: string): Promise<void> => {
      await alice.page.evaluate(`(async () => {
        const transfer = new DataTransfer()
        transfer.items.add(new File(["some words"], "words.txt", { type: "text/plain" }))
        const field = document.querySelector("textarea")
        ${act}
      })()`)
    }
    await send(`field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }))`)
    const dialog = alice.page.getByRole("dialog")
    await dialog.getByText("words.txt").waitFor()
    await alice.page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
    const drag = (type: string): string =>
      `field.dispatchEvent(new DragEvent("${type}", { dataTransfer: transfer, bubbles: true, cancelable: true }))`
    await send(drag("dragenter"))
    await alice.page.getByText(words.file.drop).waitFor()
    await send(drag("drop"))
    await alice.page.getByText(words.file.drop).waitFor({ state: "detached" })
    await dialog.getByRole("button", { name: words.file.send.confirm, exact: true }).click()
    const { bytes } = await (async () => {
      const save = bob.page.getByRole("button", { name: words.file.saveNamed("words.txt") })
      await save.waitFor()
      return await saved(bob.page, save)
    })()
    assert.equal(bytes.toString(), "some words")
  })

  await t.test("a page is never made of a file, and the code for photos is loaded with the first one", async () => {
    const page = Buffer.from("<script>document.title = 'taken over'</script>")
    const dialog = await choose(alice.page, [{ name: "page.jpg", mimeType: "image/jpeg", buffer: page }])
    await dialog.getByRole("button", { name: words.file.send.confirm, exact: true }).click()
    const save = bob.page.getByRole("button", { name: words.file.saveNamed("page.jpg") })
    await save.waitFor()
    assert.ok((await saved(bob.page, save)).bytes.equals(page))
    const first = loaded.findIndex((path) => /\/assets\/message-file-.*\.js$/.test(path))
    assert.ok(first >= 0, "it has a chunk of its own")
  })
  assert.deepEqual([...alice.faults, ...bob.faults], [])
})

test("a file goes from a browser to a terminal and back", { skip: withoutChromium, timeout: 180_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-files-"))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startServerProcess(t)
  const browser = await openBrowser(t)
  const { alice } = await openTalk(browser, server, "hello")
  const carol = await openTerminal(t, server, { handle: "carol", name: "Carol Example" })
  const content = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * 131 + (at >> 8)) & 0xff))
  const path = join(folder, "measurements.bin")
  writeFileSync(path, content)

  const sent = await carol.run("send", "@alice", "--file", path, "as promised")
  assert.equal(sent.code, 0, sent.talk)
  await openRequest(alice.page, "as promised")
  await accept(alice.page)
  const { name, bytes } = await saved(alice.page, alice.page.getByRole("button", { name: words.file.saveNamed("measurements.bin") }))
  assert.equal(name, "measurements.bin")
  assert.ok(bytes.equals(content))

  const dialog = await choose(alice.page, [
    { name: "answer.bin", mimeType: "application/octet-stream", buffer: content.subarray(0, 300_000) },
  ])
  await dialog.getByRole("button", { name: words.file.send.confirm, exact: true }).click()
  await dialog.waitFor({ state: "detached" })
  const received = await carol.run("receive", "--json", "--wait", "20")
  const message = received.lines
    .map(
      (line) =>
        JSON.parse(line) as {
          readonly id: string
          readonly type: string
          readonly file?: { readonly name: string; readonly size: number }
        },
    )
    .find(({ type }) => type === "file")
  assert.deepEqual([message?.file?.name, message?.file?.size], ["answer.bin", 300_000])
  const save = await carol.run("save", "--chat", "@alice", message?.id ?? "", "--out", folder)
  assert.equal(save.code, 0, save.talk)
  assert.ok(readFileSync(join(folder, "answer.bin")).equals(content.subarray(0, 300_000)))
  const again = await carol.run("save", "--chat", "@alice", message?.id ?? "", "--out", folder)
  assert.equal(again.code, 2, "no file is overwritten")
})
