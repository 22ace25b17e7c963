// Takes introductions of this device: over its session, with a request that waits while the app is open, and out of chats of two. The server
// erases one when this device has stored what it says, or thrown it away.

import { fromHex, toHex } from "@nodoor/bytes"
import { WireError, limits, takeIntroductions } from "@nodoor/wire"
import { ClientError, NetworkError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import type { Clock } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Transactions } from "../core/transaction.ts"
import { deleteArrived, listArrived } from "../store/group/arrived-introductions.ts"
import { readerOf } from "../store/reader.ts"

const kind = "introductions-take"
const arrivedKind = "introductions-open"
/** A server that does not wait is not asked more often than this. */
const leastMs = 5_000
const backoff = { firstMs: 1_000, lastMs: 300_000 }

export interface IntroductionsParts {
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly session: Pick<Session, "call">
  readonly transactions: Transactions
  readonly clock: Clock
  /** When it resolves, the introduction has done its work. @throws WireError, NetworkError, ClientError when it is to be tried again */
  readonly intake: { take(sealed: Uint8Array): Promise<unknown> }
}

export class Introductions implements Part {
  readonly #parts: IntroductionsParts
  /** Ids that the server has still to erase. */
  readonly #done = new Set<string>()
  /** The first request after the device connected does not wait: it tells whether anything came meanwhile. */
  #isFirst = true
  /** Ends the request that waits. A device that closes or loses the connection does not wait for it. */
  #giveUp: () => void = () => {}

  constructor(parts: IntroductionsParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, backoff, run: () => this.#take() })
    parts.jobs.register({ kind: arrivedKind, whileOnline: true, backoff, run: () => this.#openArrived() })
  }

  online(): void {
    this.#isFirst = true
    this.#parts.jobs.schedule({ kind, inMs: 0 })
    this.arrived()
  }

  offline(): void {
    this.#giveUp()
  }

  close(): void {
    this.#giveUp()
  }

  /** One came as content of a chat, and is stored. */
  arrived(): void {
    this.#parts.jobs.schedule({ kind: arrivedKind, inMs: 0 })
  }

  async #take(): Promise<JobEnd> {
    const { session, clock } = this.#parts
    const waitMs = this.#isFirst ? 0 : limits.introductionWaitMs
    const done = [...this.#done].slice(0, limits.introductionsPerRequest)
    const askedMs = clock.nowMs()
    try {
      const unwanted = new Promise<void>((resolve) => (this.#giveUp = resolve))
      const request = { waitMs, done: done.map((id) => fromHex(id)) }
      const { introductions } = await session.call(takeIntroductions, request, { unwanted })
      const wasFirst = this.#isFirst
      this.#isFirst = false
      for (const id of done) this.#done.delete(id)
      let failed = false
      for (const { id, sealed } of introductions)
        if (await this.#open(sealed)) this.#done.add(toHex(id))
        else failed = true
      if (failed) return "failed"
      if (introductions.length > 0 || wasFirst) return { againInMs: 0 }
      return { againInMs: Math.max(0, leastMs - Math.max(0, clock.nowMs() - askedMs)) }
    } catch (error) {
      if (isForeseen(error)) return "failed"
      throw error
    }
  }

  /** False: it is to be tried again. */
  async #open(sealed: Uint8Array): Promise<boolean> {
    try {
      await this.#parts.intake.take(sealed)
      return true
    } catch (error) {
      if (isForeseen(error)) return false
      throw error
    }
  }

  async #openArrived(): Promise<JobEnd> {
    const { transactions } = this.#parts
    let failed = false
    for (const sealed of await listArrived(readerOf(transactions.database)))
      if (await this.#open(sealed)) await transactions.run(async (tx) => deleteArrived(tx, sealed))
      else failed = true
    return failed ? "failed" : undefined
  }
}

function isForeseen(error: unknown): boolean {
  return error instanceof WireError || error instanceof NetworkError || error instanceof ClientError
}
