// The web app in Chromium, closed while messages come, and opened again: until all of them are in its store and counted as unread.

import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BrowserContext, Page } from "playwright-core"
import { buildWebApp } from "../../e2e/fixtures/web-app.ts"
import { executablePath, openProfile } from "../chromium.ts"
import { type ServerProcess, startServerProcess } from "../server/server-process.ts"
import { Devices, sendMany } from "./devices.ts"

export interface CatchingUp {
  readonly version: string
  /** From opening the page. */
  readonly tookS: number
  readonly messages: number
}

/** Undefined where there is no Chromium. */
export async function measureCatchingUp(messages: number): Promise<CatchingUp | undefined> {
  if (!existsSync(executablePath)) return undefined
  buildWebApp()
  const folder = mkdtempSync(join(tmpdir(), "nodoor-bench-"))
  const server = await startServerProcess(join(folder, "server"))
  const context = await openProfile(join(folder, "profile"))
  try {
    return await catchUp(context, server, { folder, messages })
  } finally {
    await context.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function catchUp(
  context: BrowserContext,
  server: ServerProcess,
  { folder, messages }: { readonly folder: string; readonly messages: number },
): Promise<CatchingUp> {
  const page = await context.newPage()
  await page.goto(server.url)
  await page.getByLabel("Your name").fill("Reader")
  await page.getByLabel("Handle").fill("reader")
  await page.getByRole("button", { name: "Create account" }).click()
  await page.getByRole("button", { name: "New chat" }).waitFor()

  const sender = await new Devices(folder, server).create("sender")
  const { accountId } = await sender.findContact("reader")
  const { id } = await sender.openChat(accountId)
  await sendMany(sender, id, 1)
  await page.getByText("1 request").click()
  await page.locator("[data-chat]").first().click()
  await page.getByRole("button", { name: "Accept" }).click()
  await sender.settled(60_000)
  // The device has its chat and its keys on disk, and nothing is under way.
  await page.waitForTimeout(3_000)
  await page.goto("about:blank")
  await sendMany(sender, id, messages)
  if (!(await sender.settled(600_000))) throw new TypeError("not everything was sent")
  await sender.close()

  await page.goto(server.url, { waitUntil: "commit" })
  await titled(page, messages)
  return { version: context.browser()?.version() ?? "", tookS: (await page.evaluate<number>("performance.now()")) / 1_000, messages }
}

/** The window's title counts what is unread. */
async function titled(page: Page, unread: number): Promise<void> {
  const endMs = performance.now() + 600_000
  while (!(await page.title()).startsWith(`(${unread})`)) {
    if (performance.now() > endMs) throw new TypeError(`the page is at ${await page.title()}`)
    await page.waitForTimeout(20)
  }
}
