// The meeting place of two devices at the server, as one of them uses it: what it leaves is sealed under the code, and what it finds opens
// under the code or is nothing. A connection that fails is tried again until the time is over.

import { concat, encodeTls, toHex, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { WireError, idBytes, limits, putRendezvous, takeRendezvous } from "@nodoor/wire"
import { NetworkError } from "../core/client-error.ts"
import { pause } from "../core/pause.ts"
import type { Clock, Network, Timers } from "../core/ports.ts"
import { productSuite } from "../core/suite.ts"
import { type LinkEnd, linkEnd } from "./link-end.ts"

export interface MeetingParts {
  readonly network: Network
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly crypto: CryptoProvider
}

const retryMs = 1_000
const takerBytes = 32

export class Meeting {
  readonly #parts: MeetingParts
  readonly #serverUrl: string
  readonly #id: Uint8Array
  readonly #key: Uint8Array
  readonly #taker: Uint8Array
  readonly #over = Promise.withResolvers<"over">()
  #isOver = false

  /** `secret`: of the code. `taker`: what this device takes messages with, the same after a restart. */
  constructor(
    parts: MeetingParts,
    { serverUrl, secret, taker }: { readonly serverUrl: string; readonly secret: Uint8Array; readonly taker: Uint8Array },
  ) {
    this.#parts = parts
    this.#serverUrl = serverUrl
    this.#taker = taker
    const suite = parts.crypto.suite(productSuite)
    const prk = suite.extract(new Uint8Array(), secret)
    this.#id = suite.expand(prk, toUtf8("nodoor/link/id"), idBytes)
    this.#key = suite.expand(prk, toUtf8("nodoor/link/key"), suite.keyBytes)
  }

  static taker(random: Random): Uint8Array {
    return random(takerBytes)
  }

  /** Seals what is left in a slot. */
  seal(slot: number, message: Uint8Array): Uint8Array {
    const { crypto, random } = this.#parts
    const suite = crypto.suite(productSuite)
    const nonce = random(suite.nonceBytes)
    return concat(nonce, suite.seal(this.#key, nonce, this.#aad(slot), message))
  }

  /** @throws ClientError `link_used` when another message stands there, `link_no_answer`, `link_offline` when the time is over */
  async put(slot: number, message: Uint8Array, untilMs: number): Promise<void> {
    await this.putSealed(slot, this.seal(slot, message), untilMs)
  }

  /** The same sealed bytes may be left again. @throws as `put` */
  async putSealed(slot: number, sealed: Uint8Array, untilMs: number): Promise<void> {
    await this.#persist(untilMs, "noAnswer", async () => {
      await this.#parts.network.call(this.#serverUrl, putRendezvous, { id: this.#id, slot, sealed }, { alone: true })
      return true
    })
  }

  /**
   * What the other side left. `late`: what it means that nothing came. @throws ClientError that, `link_offline` without a connection at the end,
   * `link_used` when somebody else took it, `link_failed` when it was changed on the way
   */
  async take(slot: number, untilMs: number, late: LinkEnd = "noAnswer"): Promise<Uint8Array> {
    const sealed = await this.#persist(untilMs, late, async () => {
      const waitMs = Math.max(0, Math.min(limits.rendezvousWaitMs, untilMs - this.#parts.clock.nowMs()))
      const request = { id: this.#id, slot, taker: this.#taker, waitMs }
      const options = { alone: true as const, unwanted: this.#over.promise }
      const answer = await this.#parts.network.call(this.#serverUrl, takeRendezvous, request, options)
      return answer.sealed
    })
    const suite = this.#parts.crypto.suite(productSuite)
    const nonce = sealed.slice(0, suite.nonceBytes)
    const opened = suite.open(this.#key, nonce, this.#aad(slot), sealed.slice(suite.nonceBytes))
    if (!opened) throw linkEnd("invalid")
    return opened
  }

  /** Nothing more is waited for. */
  end(): void {
    this.#isOver = true
    this.#over.resolve("over")
  }

  #aad(slot: number): Uint8Array {
    return encodeTls((w) => w.raw(toUtf8("nodoor/link/slot")).u8(slot))
  }

  /** Until there is an answer. */
  async #persist<T>(untilMs: number, late: LinkEnd, ask: () => Promise<T | undefined>): Promise<T> {
    const { clock, timers } = this.#parts
    for (;;) {
      let isOffline = false
      if (this.#isOver) throw linkEnd("cancelled")
      try {
        const answer = await Promise.race([ask(), this.#over.promise])
        if (answer === "over") continue
        if (answer !== undefined) return answer
      } catch (error) {
        if (error instanceof WireError && error.code === "rendezvous_used") throw linkEnd("used", { cause: error })
        const passes = error instanceof NetworkError || (error instanceof WireError && passing.includes(error.code))
        if (!passes) throw error
        isOffline = error instanceof NetworkError
        await Promise.race([pause(timers, retryMs), this.#over.promise])
      }
      if (clock.nowMs() >= untilMs) throw linkEnd(isOffline ? "offline" : late)
    }
  }

  /** Names the meeting in a test. */
  get name(): string {
    return toHex(this.#id)
  }
}

const passing: readonly string[] = ["unavailable", "internal", "rate_limited"]
