// The part of the MLS benchmark that runs in a browser: bundled, loaded into a page, and asked for its figures.

import { browserProvider } from "@nodoor/mls/browser"
import { type Contestant, type Timing, measureInTurn } from "../measurement.ts"
import type { Prepared } from "./contender.ts"
import { floor } from "./floor.ts"
import { ours } from "./ours.ts"
import { tsMls } from "./ts-mls.ts"

export type OperationName = "encrypt" | "decrypt" | "encryptAndSave" | "ownCommit" | "processCommit" | "processFirstCommit" | "join"

export interface PageRequest {
  readonly size: number
  readonly count: number
  readonly maxMs: number
}

/** Timings by operation, then by contender. */
export type PageAnswer = Readonly<Partial<Record<OperationName, Readonly<Record<string, Timing>>>>>

async function measure(request: PageRequest): Promise<PageAnswer> {
  const crypto = await browserProvider()
  const timeMs = Date.now()
  const contenders = [
    floor("primitives, X25519 suite", 0x0001, crypto),
    ours("Nodoor, hybrid", 0x004f, crypto, timeMs),
    ours("Nodoor, X25519", 0x0001, crypto, timeMs),
    await tsMls(crypto, timeMs),
  ]
  const prepared: (readonly [string, Prepared])[] = []
  for (const contender of contenders) {
    const one = await contender.prepare(request.size)
    if (one !== undefined) prepared.push([contender.name, one])
  }
  const answer: Partial<Record<OperationName, Record<string, Timing>>> = {}
  for (const operation of ["encrypt", "decrypt", "encryptAndSave", "ownCommit", "processCommit", "processFirstCommit", "join"] as const) {
    const contestants: Contestant[] = prepared.flatMap(([name, { [operation]: one }]) =>
      // A browser's clock ticks every 0.1 ms or so: what takes less is timed ten at a time where nothing has to happen between.
      one === undefined
        ? []
        : [{ name, run: one.run, before: one.before, batch: one.before === undefined && operation.startsWith("encrypt") ? 10 : 1 }],
    )
    answer[operation] = Object.fromEntries(
      await measureInTurn(contestants, { count: request.count, maxMs: request.maxMs, warmUps: Math.ceil(request.count / 4) }),
    )
  }
  return answer
}

;(globalThis as unknown as { measure: typeof measure }).measure = measure
