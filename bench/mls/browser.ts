// The MLS part that runs in a browser, from outside.

import { resolve } from "node:path"
import { runInChromium as runScript } from "../chromium.ts"
import type { PageAnswer, PageRequest } from "./browser-page.ts"

export interface BrowserRun {
  readonly version: string
  /** By group size. */
  readonly answers: ReadonlyMap<number, PageAnswer>
}

export async function runInChromium(requests: readonly PageRequest[]): Promise<BrowserRun | undefined> {
  const found = await runScript<PageRequest, PageAnswer>(resolve(import.meta.dirname, "browser-page.ts"), requests)
  if (found === undefined) return undefined
  return { version: found.version, answers: new Map(found.answers.map((answer, i) => [(requests[i] as PageRequest).size, answer])) }
}
