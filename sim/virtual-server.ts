// The production server core on a database in memory, with crashes: before an operation reached the disk, or after it, unanswered.

import { type ServerCore, type Store, createServerCore, defaultRates, openInProcessStore } from "@nodoor/server"
import { toHex } from "@nodoor/bytes"
import { testTokenKeys } from "@nodoor/server/fixtures"
import { InProcessLog } from "./in-process-log.ts"
import type { Chance } from "./randomness.ts"
import type { VirtualTime } from "./virtual-time.ts"

export const origin = "sim.example"

/** A body that the server has on disk. */
export interface Posted {
  readonly groupId: string
  readonly epoch: number
  /** Its place among the group's bodies. */
  readonly order: number
  readonly body: Uint8Array
}

export class VirtualServer {
  readonly #store: Store
  /** Outlives crashes of the server, as its file would. */
  readonly #log: InProcessLog
  readonly #time: VirtualTime
  readonly #chance: Chance
  #delivery: ServerCore | undefined
  #generation = 0
  #crash: "before" | "after" | undefined

  readonly #posted: (posted: Posted) => void
  readonly #newTokenKey = testTokenKeys()

  /** `posted` hears of every body that is on disk. */
  constructor(time: VirtualTime, chance: Chance, path: string, posted: (posted: Posted) => void) {
    this.#posted = posted
    this.#time = time
    this.#chance = chance
    this.#store = openInProcessStore(path)
    this.#log = new InProcessLog({
      folder: `${path}-log`,
      origin,
      store: this.#store,
      random: (sizeBytes) => chance.bytes(sizeBytes),
      nowMs: () => time.nowMs(),
      after: (delayMs, run) => void time.after(delayMs, run),
    })
  }

  get delivery(): ServerCore | undefined {
    return this.#delivery
  }

  async start(): Promise<void> {
    const generation = ++this.#generation
    await this.#log.publish()
    if (generation !== this.#generation) return
    const time = this.#time
    this.#delivery = await createServerCore(
      {
        store: this.#mortal(generation),
        clock: { nowMs: () => time.nowMs() },
        random: (sizeBytes) => this.#chance.bytes(sizeBytes),
        turn: (run) => void time.after(0, () => this.#generation === generation && run()),
        timer: (afterMs, run) => time.after(afterMs, () => this.#generation === generation && run()),
        newTokenKey: this.#newTokenKey,
        mailer: { sendCode: async () => {} },
        log: () => {},
        keyLog: this.#log.keyLog,
      },
      {
        origin,
        version: "sim",
        registration: "open",
        email: { mode: "none", domains: [] },
        ipDays: 0,
        mailboxDays: 30,
        rates: defaultRates,
      },
    )
  }

  /** The process dies with its next operation on the store, before or after that is on disk; it starts again after `downMs`. */
  crash(when: "before" | "after" | undefined): void {
    this.#crash = when
  }

  #mortal(generation: number): Store {
    const never = new Promise<never>(() => {})
    return new Proxy(this.#store, {
      get: (store, name: keyof Store) => {
        const operation = store[name] as (input: unknown) => Promise<unknown>
        return async (input: unknown): Promise<unknown> => {
          if (generation !== this.#generation) return await never
          const crash = this.#crash
          if (!crash) return await this.#perform(name, operation, input)
          this.#crash = undefined
          if (crash === "after") await this.#perform(name, operation, input).catch(() => undefined)
          this.#die()
          return await never
        }
      },
    })
  }

  async #perform(name: string, operation: (input: unknown) => Promise<unknown>, input: unknown): Promise<unknown> {
    const result = await operation.call(this.#store, input)
    if (name === "appendPost") {
      const { groupId, epoch, body } = input as { readonly groupId: Uint8Array; readonly epoch: number; readonly body: Uint8Array }
      this.#posted({ groupId: toHex(groupId), epoch, order: (result as { readonly order: number }).order, body: body.slice() })
    }
    return result
  }

  #die(): void {
    this.#generation++
    this.#delivery = undefined
    this.#time.after(200 + this.#chance.below(8_000), () => void this.start())
  }
}
