// Time that passes only when somebody says so: callbacks in the order of their moments, and all that follows from one before the next.

interface Waiting {
  readonly atMs: number
  readonly serial: number
  readonly run: () => void
  cancelled: boolean
}

export class VirtualTime {
  #nowMs: number
  #serial = 0
  #waiting: Waiting[] = []

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const waiting: Waiting = { atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)), serial: this.#serial++, run, cancelled: false }
    this.#insert(waiting)
    return () => {
      waiting.cancelled = true
    }
  }

  /** Runs the next callback and everything that follows from it at once. False when nothing waits. */
  async step(): Promise<boolean> {
    let next = this.#waiting.shift()
    while (next?.cancelled) next = this.#waiting.shift()
    if (!next) return false
    this.#nowMs = Math.max(this.#nowMs, next.atMs)
    next.run()
    await settle()
    return true
  }

  #insert(waiting: Waiting): void {
    let low = 0
    let high = this.#waiting.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#waiting[middle]
      if (other && (other.atMs < waiting.atMs || (other.atMs === waiting.atMs && other.serial < waiting.serial))) low = middle + 1
      else high = middle
    }
    this.#waiting.splice(low, 0, waiting)
  }
}

/** Every promise that can go on has gone on: nothing in a world waits for anything real. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
