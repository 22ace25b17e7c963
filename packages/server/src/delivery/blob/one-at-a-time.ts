// One change of a blob at a time. Whoever comes later ends what is under way instead of waiting for it: a device that lost its connection
// comes back before the server has noticed.

import { WireError } from "@nodoor/wire"

/** What was under way was ended by whoever came later. */
class TakenOver extends WireError {
  constructor() {
    super("unavailable", "somebody else goes on with this upload", { retryAfterMs: 1_000 })
  }
}

interface Running {
  end(): void
  readonly done: Promise<unknown>
}

export class OneAtATime {
  readonly #running = new Map<string, Running>()
  #closed = false

  /** `run` gets a promise that rejects when it is to end. */
  async alone<T>(name: string, run: (ended: Promise<never>) => Promise<T>): Promise<T> {
    for (let before = this.#running.get(name); before !== undefined; before = this.#running.get(name)) {
      before.end()
      await before.done
    }
    if (this.#closed) throw new TakenOver()
    const { promise: ended, reject } = Promise.withResolvers<never>()
    ended.catch(() => {})
    const result = run(ended)
    const running = { end: () => reject(new TakenOver()), done: result.catch(() => {}).finally(() => this.#running.delete(name)) }
    this.#running.set(name, running)
    return await result
  }

  /** Ends everything, and takes nothing more. */
  async endAll(): Promise<void> {
    this.#closed = true
    for (const running of this.#running.values()) running.end()
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }
}
