// The web app in Chromium on a store as it is after years. The device is registered with a real server, which is then stopped: the store is
// filled while the app is closed, and the same bundle is served again without a server behind it, so that only the screens are measured.

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { type Server, createServer } from "node:http"
import { tmpdir } from "node:os"
import { extname, join, resolve } from "node:path"
import process from "node:process"
import type { BrowserContext } from "playwright-core"
import { searched } from "@nodoor/client/fixtures"
import { buildWebApp } from "../../e2e/fixtures/web-app.ts"
import { bundle, executablePath, openProfile } from "../chromium.ts"
import type { Timing } from "../measurement.ts"

const root = resolve(import.meta.dirname, "../..")
const dist = resolve(root, "packages/web/dist")
const port = 18_231
const url = `http://localhost:${port}`
const rounds = 7

export interface ScreenFigures {
  readonly version: string
  readonly list: Timing
  readonly chat: Timing
  readonly search: Timing
  /** Of the process that runs the page and its worker, some seconds after the list is shown and after all was done. */
  readonly startBytes: number
  readonly endBytes: number
}

export async function measureScreens(size: { readonly chats: number; readonly messages: number }): Promise<ScreenFigures | undefined> {
  if (!existsSync(executablePath)) return undefined
  buildWebApp()
  const folder = mkdtempSync(join(tmpdir(), "nodoor-bench-"))
  const context = await openProfile(join(folder, "profile"))
  let server: Server | undefined
  try {
    const stop = await startServer(folder)
    const page = await context.newPage()
    await page.goto(url)
    await page.getByLabel("Your name").fill("Reader")
    await page.getByLabel("Handle").fill("reader")
    await page.getByRole("button", { name: "Create account" }).click()
    await page.getByRole("button", { name: "New chat" }).waitFor()
    await page.waitForTimeout(3_000)
    await page.goto("about:blank")
    await stop()
    server = await serveApp()
    await page.goto(`${url}/seed.html`)
    await page.waitForFunction("typeof measure === 'function'")
    await page.evaluate(`measure(${JSON.stringify(size)})`)
    await page.close()
    return await lookAround(context)
  } finally {
    await context.close()
    server?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function lookAround(context: BrowserContext): Promise<ScreenFigures> {
  const list: number[] = []
  const chat: number[] = []
  const search: number[] = []
  let startBytes = 0
  let endBytes = 0
  for (let round = 0; round < rounds; round++) {
    const page = await context.newPage()
    await page.goto("about:blank")
    // Counted by the page's own clock from its navigation on.
    await page.goto(url, { waitUntil: "commit" })
    await page.waitForSelector("li [data-roving]")
    list.push(await page.evaluate(`performance.now()`))
    await page.waitForTimeout(2_000)
    if (round === rounds - 1) startBytes = memory()
    for (const nth of [5, 8, 11]) chat.push(await page.evaluate(timed("click", nth)))
    for (const word of [searched.common, "make", "water"]) search.push(await page.evaluate(timed("search", word)))
    if (round === rounds - 1) endBytes = memory()
    await page.close()
  }
  return {
    version: context.browser()?.version() ?? "",
    list: timing(list),
    chat: timing(chat),
    search: timing(search),
    startBytes,
    endBytes,
  }
}

/** In the page: does it, and counts until the frame after what was waited for is in the document. */
function timed(what: "click" | "search", value: string | number): string {
  return `(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
    const until = async (holds) => {
      const endMs = performance.now() + 20000
      while (!holds() && performance.now() < endMs) await frame()
      await frame()
    }
    const box = document.querySelector("input[type=search], [role=searchbox], input")
    const type = (text) => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(box, text)
      box.dispatchEvent(new InputEvent("input", { bubbles: true }))
    }
    let startMs
    if (${JSON.stringify(what)} === "click") {
      const row = document.querySelectorAll("li [data-roving]")[${JSON.stringify(value)}]
      const before = document.querySelector("[data-bubble]")
      startMs = performance.now()
      row.click()
      await until(() => { const now = document.querySelector("[data-bubble]"); return now !== null && now !== before && !before?.isConnected })
    } else {
      startMs = performance.now()
      type(${JSON.stringify(value)})
      await until(() => document.querySelector("li mark") !== null)
    }
    const tookMs = performance.now() - startMs
    if (${JSON.stringify(what)} === "search") { type(""); await until(() => document.querySelector("li mark") === null) }
    await new Promise((done) => setTimeout(done, 300))
    return tookMs
  })()`
}

/** Resident memory of the largest renderer (PSS, from its smaps): the process of the page and its worker. */
function memory(): number {
  let largest = 0
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("--type=renderer")) continue
      const kilobytes = Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1] ?? 0)
      largest = Math.max(largest, kilobytes * 1024)
    } catch {
      // A process that has gone meanwhile.
    }
  }
  return largest
}

function timing(samplesMs: readonly number[]): Timing {
  const sorted = samplesMs.toSorted((a, b) => a - b)
  const at = (share: number): number => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 1000
  return { medianUs: at(0.5), p5Us: at(0.05), p95Us: at(0.95), count: sorted.length }
}

async function startServer(folder: string): Promise<() => Promise<void>> {
  const child: ChildProcess = spawn(process.execPath, [resolve(root, "packages/server/src/main.ts")], {
    cwd: folder,
    env: { ...process.env, NODOOR_DATA: folder, PORT: String(port) },
    stdio: "ignore",
  })
  for (let tries = 0; tries < 200; tries++) {
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) break
    await new Promise((done) => setTimeout(done, 100))
  }
  return async () => {
    const gone = once(child, "exit")
    child.kill("SIGKILL")
    await gone
  }
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
}

/** The bundle, and the page that fills the store. */
async function serveApp(): Promise<Server> {
  const seed = await bundle(resolve(root, "packages/web/dev/fill-store.ts"))
  const wasm: Readonly<Record<string, string>> = {
    "/libsodium.wasm": new URL("libsodium.wasm", import.meta.resolve("@nodoor/mls/browser")).pathname,
    "/mc-wa-sqlite.wasm": resolve(root, "node_modules/@journeyapps/wa-sqlite/dist/mc-wa-sqlite.wasm"),
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", url)
    const path = wasm[pathname] ?? join(dist, pathname === "/" ? "index.html" : pathname)
    if (pathname === "/seed.html") response.setHeader("Content-Type", "text/html").end('<script type="module" src="/seed.js"></script>')
    else if (pathname === "/seed.js") response.setHeader("Content-Type", "text/javascript").end(seed)
    else if (existsSync(path))
      response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream").end(readFileSync(path))
    else response.writeHead(404).end()
  })
  await new Promise<void>((listening) => server.listen(port, listening))
  return server
}
