// The work that every system gets. A lane keeps so many posts under way: the next is sent when one is done.

import type { Hooks, Lane, System } from "./system.ts"

export interface WorkOptions {
  readonly lanes: number
  readonly inFlight: number
  readonly warmMs: number
  readonly measureMs: number
}

export interface Figures {
  readonly perSecond: number
  /** From writing the post to the other device's having it, milliseconds. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly count: number
}

/** What is timed begins and ends: the processor time of the server is read there. */
export interface Marks {
  begin(): void
  end(): void
}

/** When each post of a lane was sent, oldest first. */
class SentTimes {
  readonly #times = new Float64Array(4_096)
  #from = 0
  #to = 0
  push(count: number, nowMs: number): void {
    for (let i = 0; i < count; i++) this.#times[this.#to++ & 4_095] = nowMs
  }
  shift(): number {
    return this.#times[this.#from++ & 4_095] as number
  }
}

/** Pairs of connected devices. */
export async function runPairs(system: System, options: WorkOptions, marks: Marks): Promise<Figures> {
  const { lanes: count, inFlight } = options
  const arrived = new Array<number>(count).fill(0)
  const answered = new Array<number>(count).fill(system.answers ? 0 : Infinity)
  const done = new Array<number>(count).fill(0)
  const run = new Run(options, marks)
  const sent = Array.from({ length: count }, () => new SentTimes())
  let lanes: readonly Lane[] = []
  const send = (lane: number, posts: number): void => {
    sent[lane]?.push(posts, performance.now())
    lanes[lane]?.send(posts)
  }
  const goOn = (lane: number): void => {
    const now = Math.min(arrived[lane] as number, answered[lane] as number)
    const more = now - (done[lane] as number)
    if (more <= 0) return
    done[lane] = now
    if (run.isOver) run.left(more)
    else send(lane, more)
  }
  const hooks: Hooks = {
    arrived: (lane, _device, posts) => {
      arrived[lane] = (arrived[lane] as number) + posts
      run.delivered(posts, sent[lane] as SentTimes)
      goOn(lane)
    },
    answered: (lane, posts) => {
      answered[lane] = (answered[lane] as number) + posts
      goOn(lane)
    },
  }
  lanes = await system.pairs(count, hooks)
  run.underWay(count * inFlight)
  for (let lane = 0; lane < count; lane++) send(lane, inFlight)
  return run.figures()
}

/** A group whose first device posts; a post is done when all others have it. Figures count deliveries. */
export async function runGroup(system: System, size: number, options: WorkOptions, marks: Marks): Promise<Figures> {
  const { inFlight } = options
  const run = new Run(options, marks)
  const sent = Array.from({ length: size }, () => new SentTimes())
  const at = new Array<number>(size).fill(0)
  const have = new Map<number, number>()
  let [done, answered] = [0, system.answers ? 0 : Infinity]
  let posted = 0
  const lanes: Lane[] = []
  const send = (posts: number): void => {
    const nowMs = performance.now()
    for (let device = 1; device < size; device++) sent[device]?.push(posts, nowMs)
    for (let i = 0; i < posts; i++) have.set(posted++, 0)
    lanes[0]?.send(posts)
  }
  const goOn = (): void => {
    let more = 0
    while (have.get(done) === size - 1 && done < answered) {
      have.delete(done++)
      more++
    }
    if (more === 0) return
    if (run.isOver) run.left(more)
    else send(more)
  }
  const hooks: Hooks = {
    arrived: (_lane, device, posts) => {
      if (device === 0) return
      for (let i = 0; i < posts; i++) {
        const nth = at[device] as number
        at[device] = nth + 1
        have.set(nth, (have.get(nth) ?? 0) + 1)
      }
      run.delivered(posts, sent[device] as SentTimes)
      goOn()
    },
    answered: (_lane, posts) => {
      answered += posts
      goOn()
    },
  }
  lanes.push(await system.group(size, hooks))
  run.underWay(inFlight)
  send(inFlight)
  return run.figures()
}

/** Timing of one run: warm-up, the measured time, then what is still under way. */
class Run {
  readonly #latenciesMs: number[] = []
  readonly #options: WorkOptions
  readonly #marks: Marks
  readonly #finished = Promise.withResolvers<void>()
  #measuring = false
  #left = Infinity
  #count = 0
  isOver = false

  constructor(options: WorkOptions, marks: Marks) {
    this.#options = options
    this.#marks = marks
  }

  underWay(posts: number): void {
    this.#left = posts
  }

  delivered(posts: number, sent: SentTimes): void {
    const nowMs = performance.now()
    for (let i = 0; i < posts; i++) {
      const sentMs = sent.shift()
      if (this.#measuring) this.#latenciesMs.push(nowMs - sentMs)
    }
    if (this.#measuring) this.#count += posts
  }

  left(posts: number): void {
    this.#left -= posts
    if (this.#left <= 0) this.#finished.resolve()
  }

  async figures(): Promise<Figures> {
    const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    await wait(this.#options.warmMs)
    this.#marks.begin()
    this.#measuring = true
    const startMs = performance.now()
    await wait(this.#options.measureMs)
    const tookMs = performance.now() - startMs
    this.#measuring = false
    this.#marks.end()
    this.isOver = true
    await Promise.race([this.#finished.promise, wait(10_000)])
    const sorted = Float64Array.from(this.#latenciesMs).sort()
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
    return { perSecond: (this.#count * 1_000) / tookMs, p50Ms: at(0.5), p99Ms: at(0.99), count: this.#count }
  }
}

export interface StoredFigures {
  /** Posts per second that the server has taken over for devices that are not there. */
  readonly storedPerSecond: number
  /** Posts per second that these devices then read, all at once. */
  readonly fetchedPerSecond: number
  readonly count: number
}

/** Posts to devices that are not connected, and then these devices' reading. */
export async function runAbsent(system: System, options: WorkOptions, marks: Marks): Promise<StoredFigures> {
  const absent = new AbsentLoad(system, options)
  await absent.begin()
  marks.begin()
  const startMs = performance.now()
  await new Promise((resolve) => setTimeout(resolve, options.measureMs))
  const storedPerSecond = (absent.answered * 1_000) / (performance.now() - startMs)
  marks.end()
  await absent.end()
  const fetchMs = performance.now()
  const found = await absent.fetch({ quietMs: 3_000 })
  return { storedPerSecond, fetchedPerSecond: (found.count * 1_000) / (found.lastMs - fetchMs), count: found.count }
}

export interface Fetched {
  readonly count: number
  /** Of those that were answered. */
  readonly lost: number
  readonly twice: number
  readonly lastMs: number
}

/** Posts to devices that are not connected, kept up until told to stop or the server is gone. */
export class AbsentLoad {
  readonly #system: System
  readonly #options: WorkOptions
  readonly #answered: number[]
  readonly #sent: number[]
  #over = false
  #drained: (() => void) | undefined

  constructor(system: System, options: WorkOptions) {
    this.#system = system
    this.#options = options
    this.#answered = new Array<number>(options.lanes).fill(0)
    this.#sent = new Array<number>(options.lanes).fill(0)
  }

  get answered(): number {
    return this.#answered.reduce((sum, count) => sum + count, 0)
  }

  async begin(): Promise<void> {
    const { lanes: count, inFlight } = this.#options
    let lanes: readonly Lane[] = []
    const send = (lane: number, posts: number): void => {
      this.#sent[lane] = (this.#sent[lane] as number) + posts
      lanes[lane]?.send(posts)
    }
    lanes = await this.#system.absent(count, {
      arrived: () => {},
      answered: (lane, posts) => {
        this.#answered[lane] = (this.#answered[lane] as number) + posts
        if (!this.#over) send(lane, posts)
        else if (this.#answered.every((answered, at) => answered >= (this.#sent[at] as number))) this.#drained?.()
      },
    })
    for (let lane = 0; lane < count; lane++) send(lane, inFlight)
  }

  /** Sends nothing more, and waits for what is under way. */
  async end(): Promise<void> {
    this.stop()
    await Promise.race([new Promise<void>((resolve) => (this.#drained = resolve)), new Promise((resolve) => setTimeout(resolve, 5_000))])
  }

  stop(): void {
    this.#over = true
  }

  /** All devices come and read until everything is there, or nothing came for a while. */
  async fetch({ quietMs }: { readonly quietMs: number }): Promise<Fetched> {
    const found = this.#answered.map(() => new Set<number>())
    let lastMs = performance.now()
    let twice = 0
    await Promise.all(
      found.map((numbers, lane) =>
        this.#system
          .fetch(lane, (took) => {
            for (const number of took) {
              if (numbers.has(number)) twice++
              numbers.add(number)
            }
            lastMs = performance.now()
          })
          .catch(() => {
            // A server that lost the device's account has lost what waited for it.
          }),
      ),
    )
    const isWhole = (): boolean => found.every(({ size }, lane) => size >= (this.#sent[lane] as number))
    while (!isWhole() && performance.now() - lastMs < quietMs) await new Promise((resolve) => setTimeout(resolve, 5))
    let [count, lost] = [0, 0]
    for (const [lane, numbers] of found.entries()) {
      count += numbers.size
      for (let number = 0; number < (this.#answered[lane] as number); number++) if (!numbers.has(number)) lost++
    }
    return { count, lost, twice, lastMs }
  }
}
