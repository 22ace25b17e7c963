// Bundles a page's script and runs it in a Chromium that is there; undefined where none is.

import { existsSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type BrowserContext, chromium } from "playwright-core"
import { rolldown } from "rolldown"

export const executablePath: string = process.env["CHROMIUM"] ?? "/usr/bin/chromium"

const launchOptions = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

export interface PageRun<Answer> {
  readonly version: string
  /** In the order of the requests. */
  readonly answers: readonly Answer[]
}

/** `script` is a module that sets a global function `measure`; it is called with each request in turn, which must be JSON. */
export async function runInChromium<Request, Answer>(script: string, requests: readonly Request[]): Promise<PageRun<Answer> | undefined> {
  if (!existsSync(executablePath)) return undefined
  const files: Readonly<Record<string, readonly [type: string, body: string | Uint8Array]>> = {
    "/page.js": ["text/javascript", await bundle(script)],
    // The provider asks for it beside its script.
    "/libsodium.wasm": ["application/wasm", readFileSync(new URL("libsodium.wasm", import.meta.resolve("@nodoor/mls/browser")))],
  }
  // A secure context (localhost) for WebCrypto, isolated for the finest clock a page can have.
  const server = createServer((request, response) => {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin")
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp")
    const [type, body] = files[request.url ?? ""] ?? [
      "text/html",
      '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>',
    ]
    response.setHeader("Content-Type", type)
    response.end(body)
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const browser = await chromium.launch({ executablePath, args: launchOptions })
  try {
    const page = await browser.newPage()
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
    await page.waitForFunction("typeof measure === 'function'")
    const answers: Answer[] = []
    for (const request of requests) answers.push((await page.evaluate(`measure(${JSON.stringify(request)})`)) as Answer)
    return { version: browser.version(), answers }
  } finally {
    await browser.close()
    server.close()
  }
}

/** A browser of its own with a profile on disk: off the record, each write to a file goes through another process and costs several times as much. */
export async function openProfile(folder: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: launchOptions,
    viewport: { width: 1280, height: 860 },
    locale: "en-GB",
  })
  context.setDefaultTimeout(120_000)
  return context
}

export async function bundle(script: string): Promise<string> {
  const build = await rolldown({
    input: script,
    platform: "browser",
    external: [/^@hpke\/(?!core|common)/, "crypto"],
    logLevel: "silent",
  })
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false })
  await build.close()
  return output[0].code
}
