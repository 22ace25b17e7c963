// Bundles the page and runs it in a Chromium that is there; undefined where none is.

import { existsSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { resolve } from "node:path"
import { chromium } from "playwright-core"
import { rolldown } from "rolldown"
import type { PageAnswer, PageRequest } from "./browser-page.ts"

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium"

export interface BrowserRun {
  readonly version: string
  readonly answers: ReadonlyMap<number, PageAnswer>
}

export async function runInChromium(requests: readonly PageRequest[]): Promise<BrowserRun | undefined> {
  if (!existsSync(executablePath)) return undefined
  const script = await bundle()
  // A secure context (localhost) for WebCrypto, isolated for the finest clock a page can have.
  const server = createServer((request, response) => {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin")
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp")
    const isScript = request.url === "/page.js"
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html")
    response.end(isScript ? script : '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>')
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const browser = await chromium.launch({
    executablePath,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  })
  try {
    const page = await browser.newPage()
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
    await page.waitForFunction("typeof measure === 'function'")
    const answers = new Map<number, PageAnswer>()
    for (const request of requests) {
      answers.set(request.size, (await page.evaluate(`measure(${JSON.stringify(request)})`)) as PageAnswer)
    }
    return { version: browser.version(), answers }
  } finally {
    await browser.close()
    server.close()
  }
}

async function bundle(): Promise<string> {
  const build = await rolldown({
    input: resolve(import.meta.dirname, "browser-page.ts"),
    platform: "browser",
    external: [/^@hpke\/(?!core|common)/, "crypto"],
    logLevel: "silent",
  })
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false })
  await build.close()
  return output[0].code
}
