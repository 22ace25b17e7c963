// The production server, both halves, each on a database of its own, with crashes: before an operation reached the disk, or after it,
// unanswered.

import {
  type DeliveryHalf,
  type DeliveryStore,
  type MemoryFiles,
  type ServerCore,
  type Store,
  createDeliveryHalf,
  createServerCore,
  defaultRates,
  memoryFiles,
  openInProcessDeliveryStore,
  openInProcessStore,
} from "@nodoor/server"
import { decodeTls, toHex } from "@nodoor/bytes"
import { MlsError, peek } from "@nodoor/mls"
import { testTokenKeys } from "@nodoor/server/fixtures"
import { type PostingAnswer, readCommitDetails } from "@nodoor/wire/delivery"
import { OwnStream } from "../drill/adversary/own-stream.ts"
import type { PostingItem } from "../drill/adversary/posting-hands.ts"
import { InProcessLog } from "./in-process-log.ts"
import type { Chance } from "./randomness.ts"
import { type DeliveryDoor, doorOf } from "./virtual-network.ts"
import type { VirtualTime } from "./virtual-time.ts"

export const origin = "sim.example"

const messageDays = 30
const upkeepMs = 5_000

/** Where the delivery half's database stands. */
export function deliveryPath(path: string): string {
  return `${path}-delivery`
}

type Change = Parameters<DeliveryStore["write"]>[0]["changes"][number]

interface Appended {
  readonly groupId: Uint8Array
  readonly epoch: number
  readonly body: Uint8Array
}

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
  readonly #deliveryStore: DeliveryStore
  /** Outlives crashes of the server, as its file would. */
  readonly #log: InProcessLog
  readonly #time: VirtualTime
  readonly #chance: Chance
  #delivery: ServerCore | undefined
  #half: DeliveryHalf | undefined
  #streams: DeliveryDoor | undefined
  #generation = 0
  #crash: "before" | "after" | undefined

  readonly #posted: (posted: Posted) => void
  readonly #newTokenKey = testTokenKeys()
  readonly #blobFiles = memoryFiles()

  /** `posted` hears of every body that is on disk. `path`: of the account half's database; the delivery half's stands beside it. */
  constructor(time: VirtualTime, chance: Chance, path: string, posted: (posted: Posted) => void) {
    this.#posted = posted
    this.#time = time
    this.#chance = chance
    this.#store = openInProcessStore(path)
    this.#deliveryStore = openInProcessDeliveryStore(deliveryPath(path))
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

  /** The delivery half. */
  get streams(): DeliveryDoor | undefined {
    return this.#streams
  }

  async start(): Promise<void> {
    const generation = ++this.#generation
    await this.#log.publish()
    if (generation !== this.#generation) return
    const time = this.#time
    const surroundings = {
      clock: { nowMs: () => time.nowMs() },
      random: (sizeBytes: number) => this.#chance.bytes(sizeBytes),
      turn: (run: () => void) => void time.after(0, () => this.#generation === generation && run()),
      log: () => {},
    }
    const half = await createDeliveryHalf(
      {
        ...surroundings,
        store: this.#mortal(generation, this.#deliveryStore),
        blobFiles: this.#filesOf(generation),
        tokenKeys: async () => [...(await this.#store.tokenKeys({})), this.#handStream().tokenKey()],
      },
      { origin, messageDays },
    )
    const delivery = await createServerCore(
      {
        ...surroundings,
        store: this.#mortal(generation, this.#store),
        timer: (afterMs, run) => time.after(afterMs, () => this.#generation === generation && run()),
        newTokenKey: this.#newTokenKey,
        mailer: { sendCode: async () => {} },
        keyLog: this.#log.keyLog,
      },
      {
        origin,
        version: "sim",
        registration: "open",
        email: { mode: "none", domains: [] },
        ipDays: 0,
        messageDays: messageDays,
        rates: defaultRates,
      },
    )
    if (generation !== this.#generation) return
    this.#delivery = delivery
    this.#half = half
    this.#streams = doorOf(half)
    this.#keepUp(generation, half)
  }

  /** Does what is handed in by hand, as for anybody with a token; undefined while the server is down, and no answer if it dies meanwhile. */
  async hand(item: PostingItem): Promise<PostingAnswer | undefined> {
    return this.#half && (await this.#handStream().hand(this.#half, item))
  }

  #handStream(): OwnStream {
    return new OwnStream(origin, () => this.#time.nowMs())
  }

  /** What the production server does every few seconds. */
  #keepUp(generation: number, half: DeliveryHalf): void {
    this.#time.after(upkeepMs, () => {
      if (generation !== this.#generation) return
      void half.upkeep()
      this.#keepUp(generation, half)
    })
  }

  /** The process dies with its next operation on the store, before or after that is on disk; it starts again after `downMs`. */
  crash(when: "before" | "after" | undefined): void {
    this.#crash = when
  }

  /** A store as one process has it. A dead process reads and writes nothing more, and none of its promises ever ends. */
  #mortal<Operations extends object>(generation: number, operations: Operations): Operations {
    const never = new Promise<never>(() => {})
    return new Proxy(operations, {
      get: (store, name) => {
        const operation = store[name as keyof Operations] as (input: unknown) => Promise<unknown>
        const perform = async (input: unknown): Promise<unknown> => {
          const result = await operation.call(store, input)
          if (name === "appendPost") this.#appended(input as Appended, result as { readonly order: number })
          if (name === "write") this.#written((input as { readonly changes: readonly Change[] }).changes)
          return result
        }
        return async (input: unknown): Promise<unknown> => {
          if (generation !== this.#generation) return await never
          const crash = this.#crash
          if (!crash) return await perform(input)
          this.#crash = undefined
          if (crash === "after") await perform(input).catch(() => undefined)
          this.#die()
          return await never
        }
      },
    })
  }

  /** The files as one process has them: a dead one writes nothing more. */
  #filesOf(generation: number): MemoryFiles {
    const files = this.#blobFiles
    return {
      ...files,
      write: async (name, keptBytes) => {
        const writer = await files.write(name, keptBytes)
        const append = (bytes: Uint8Array): Promise<void> =>
          generation === this.#generation ? writer.append(bytes) : new Promise<never>(() => {})
        return { ...writer, append }
      },
    }
  }

  #appended({ groupId, epoch, body }: Appended, { order }: { readonly order: number }): void {
    this.#posted({ groupId: toHex(groupId), epoch, order, body: body.slice() })
  }

  #written(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind !== "post" && change.kind !== "commit") continue
      const body = change.kind === "post" ? change.body : decodeTls(change.body, readCommitDetails).commit
      this.#posted({ groupId: toHex(change.groupId), epoch: epochOf(body), order: change.order, body: body.slice() })
    }
  }

  #die(): void {
    this.#generation++
    this.#delivery = undefined
    this.#half = undefined
    this.#streams = undefined
    this.#time.after(200 + this.#chance.below(8_000), () => void this.start())
  }
}

/** -1 for bytes that are no MLS message. */
function epochOf(body: Uint8Array): number {
  try {
    return Number(peek(body).epoch)
  } catch (error) {
    if (error instanceof MlsError) return -1
    throw error
  }
}
