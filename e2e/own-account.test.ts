// What needs a camera or an authenticator, on the in-memory device: both are Chromium's own pretended ones.

import { once } from "node:events"
import { createWriteStream, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { chromium } from "playwright-core"
import encodeQR from "qr"
import { chromiumOptions, openBrowser, withoutChromium } from "./fixtures/browser.ts"
import { serveScreens } from "./fixtures/screens.ts"
import { words } from "./fixtures/words.ts"

const options = { skip: withoutChromium, timeout: 120_000 }

test("a linking code before the camera is read, and the old device asks for the number", options, async (t) => {
  const url = await serveScreens(t)
  const film = await filmOf(t, "https://chat.example.org/#link/9F2K7-QX4MB-31TRA-WZD8C-0HN5P")
  const camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`]
  const browser = await chromium.launch({ ...chromiumOptions, args: [...chromiumOptions.args, ...camera] })
  t.after(() => browser.close())
  const page = await browser.newPage({ locale: "en-GB" })
  await page.goto(`${url}?scene=home#/settings/devices/link`)
  await page.getByRole("button", { name: words.link.oldDevice.scan }).click()
  await page.getByText(words.link.confirm.title).waitFor()
})

test("a passkey counts after it has opened the key a second time", options, async (t) => {
  const url = (await serveScreens(t)).replace("127.0.0.1", "localhost")
  const page = await (await openBrowser(t)).newPage({ locale: "en-GB" })
  const session = await page.context().newCDPSession(page)
  await session.send("WebAuthn.enable")
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.goto(`${url}?scene=home#/settings/devices`)
  await page.getByRole("button", { name: words.recovery.passkey.add }).click()
  await page.getByText(words.recovery.passkey.again).waitFor()
  await page.getByRole("button", { name: words.recovery.passkey.useIt }).click()
  await page.getByText(words.recovery.passkey.on).waitFor()
})

test("an authenticator that can make no secret is said to be one, and nothing is added", options, async (t) => {
  const url = (await serveScreens(t)).replace("127.0.0.1", "localhost")
  const page = await (await openBrowser(t)).newPage({ locale: "en-GB" })
  const session = await page.context().newCDPSession(page)
  await session.send("WebAuthn.enable")
  const plain = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const
  await session.send("WebAuthn.addVirtualAuthenticator", { options: { ...plain, automaticPresenceSimulation: true } })
  await page.goto(`${url}?scene=home#/settings/devices`)
  await page.getByRole("button", { name: words.recovery.passkey.add }).click()
  await page.getByText(words.recovery.passkey.unsupported).waitFor()
})

/** A film of one QR code, as Chromium's pretended camera plays it (YUV4MPEG2). */
async function filmOf(t: TestContext, text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-film-"))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const modules = encodeQR(text, "raw", { ecc: "medium", border: 4 })
  const [width, height, scale] = [640, 480, Math.floor(480 / modules.length)]
  const frame = Buffer.alloc((width * height * 3) / 2, 128)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      frame[y * width + x] = modules[Math.floor(y / scale)]?.[Math.floor((x - 80) / scale)] === true ? 16 : 235
  const path = join(folder, "code.y4m")
  const file = createWriteStream(path)
  file.write(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420mpeg2\n`)
  for (let shown = 0; shown < 5; shown++) file.write(Buffer.concat([Buffer.from("FRAME\n"), frame]))
  file.end()
  await once(file, "finish")
  return path
}
