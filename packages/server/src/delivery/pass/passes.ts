// Passes: what a token buys. A pass is a MAC of this service, good for one kind of stream and at most 24 hours. Nothing of it is stored; what
// it may still be used for is counted in memory.

import { createHmac, timingSafeEqual } from "node:crypto"
import { CodecError, concat, decodeTls, encodeTls, toUtf8 } from "@nodoor/bytes"
import type { Random } from "../../core/ports.ts"
import { RecentMap } from "../../core/recent-map.ts"

export type PassKind = "read" | "post"

/** What a pass still pays for. */
export interface Budget {
  posts: number
  groups: number
  /** Bytes of blobs, each kept for a month. */
  blobBytes: number
}

export interface Pass {
  readonly bytes: Uint8Array
  /** The last Unix hour in which it is good. */
  readonly expiryHour: number
  readonly budget: Budget
}

/** A pass is good in the hour in which it is bought, and in the 23 after it. */
const hoursAfter = 23
const idBytes = 16
const label = toUtf8("nodoor/pass/v1\0")
/** Passes whose use is remembered: at least so many, at most twice. */
const budgetsMax = 50_000

export interface Budgets {
  readonly posts: number
  readonly groups: number
  readonly blobBytes: number
}
export const defaultBudgets: Budgets = { posts: 20_000, groups: 64, blobBytes: 4 * 1024 ** 3 }

export class Passes {
  readonly #key: Uint8Array
  readonly #random: Random
  readonly #budgets: Budgets
  readonly #used = new RecentMap<Budget>(budgetsMax)

  constructor(key: Uint8Array, random: Random, budgets: Budgets) {
    this.#key = key
    this.#random = random
    this.#budgets = budgets
  }

  issue(kind: PassKind, hour: number): Pass {
    const id = this.#random(idBytes)
    const expiryHour = hour + hoursAfter
    const front = encodeTls((w) =>
      w
        .u8(kind === "read" ? 0 : 1)
        .u32(expiryHour)
        .raw(id),
    )
    return { bytes: concat(front, this.#mac(front)), expiryHour, budget: this.#budgetOf(id) }
  }

  /** Undefined for a pass that is forged, expired, or of the other kind of stream. */
  check(bytes: Uint8Array, kind: PassKind, hour: number): Pass | undefined {
    const pass = parsed(bytes)
    if (pass === undefined || !timingSafeEqual(this.#mac(pass.front), pass.mac)) return undefined
    if (pass.kind !== (kind === "read" ? 0 : 1)) return undefined
    if (pass.expiryHour < hour || pass.expiryHour > hour + hoursAfter) return undefined
    return { bytes, expiryHour: pass.expiryHour, budget: this.#budgetOf(pass.id) }
  }

  #mac(front: Uint8Array): Uint8Array {
    return createHmac("sha256", this.#key).update(label).update(front).digest()
  }

  #budgetOf(id: Uint8Array): Budget {
    const name = Buffer.from(id).toString("latin1")
    const budget = this.#used.get(name) ?? { ...this.#budgets }
    this.#used.set(name, budget)
    return budget
  }
}

function parsed(bytes: Uint8Array) {
  try {
    return decodeTls(bytes, (r) => {
      const [kind, expiryHour, id] = [r.u8(), r.u32(), r.raw(idBytes)]
      return { kind, expiryHour, id, front: r.since(0), mac: r.raw(32) }
    })
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
