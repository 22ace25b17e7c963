// Timing: contenders take turns, so that a busy moment of the machine falls on all of them.

export interface Timing {
  readonly medianUs: number
  readonly p5Us: number
  readonly p95Us: number
  readonly count: number
}

export interface Contestant {
  readonly name: string
  /** One operation. Anything that must not be timed has been prepared before, or stands in `before`. */
  readonly run: () => unknown
  readonly before?: (() => unknown) | undefined
  /** Operations per sample, for clocks too coarse for one; default 1. Not together with `before`. */
  readonly batch?: number
}

/**
 * Times each contestant's operation up to `count` times, round by round, after warming up; each stops when `maxMs` are used up. With
 * `perTurn` above 1 a turn is that many operations and the first is not counted: it pays for what the others have put out of the caches.
 */
export async function measureInTurn(
  contestants: readonly Contestant[],
  options: { readonly count: number; readonly maxMs: number; readonly warmUps: number; readonly perTurn?: number },
): Promise<ReadonlyMap<string, Timing>> {
  const samples = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  const usedMs = new Map<string, number>()
  const { perTurn = 1 } = options
  for (let round = -options.warmUps; round < options.count; round++) {
    // Each goes first in its turn, for who comes first meets caches as the loop left them.
    const first = (round + options.warmUps) % contestants.length
    for (const { name, run, before, batch = 1 } of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      for (let nth = 0; nth < perTurn && (usedMs.get(name) ?? 0) <= options.maxMs; nth++) {
        await before?.()
        const tookMs = await timed(run, batch)
        usedMs.set(name, (usedMs.get(name) ?? 0) + tookMs * batch)
        const counts = round >= 0 && (perTurn === 1 || nth > 0)
        if (counts || tookMs * 2 > options.maxMs) samples.get(name)?.push(tookMs * 1000)
      }
    }
  }
  return new Map([...samples].flatMap(([name, all]) => (all.length === 0 ? [] : [[name, timingOf(all)]])))
}

/** Milliseconds per operation. */
async function timed(run: () => unknown, batch: number): Promise<number> {
  const startMs = performance.now()
  // Awaiting a plain value would charge a synchronous contestant for a turn of the event loop.
  for (let i = 0; i < batch; i++) {
    const result = run()
    if (result instanceof Promise) await result
  }
  return (performance.now() - startMs) / batch
}

/** Of single measurements. */
export function timingOf(samplesUs: readonly number[]): Timing {
  const sorted = samplesUs.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
  return { medianUs: at(0.5), p5Us: at(0.05), p95Us: at(0.95), count: sorted.length }
}

/** `62 µs (58–80)`: median and the range from the 5th to the 95th percentile. */
export function formatTiming(timing: Timing | undefined): string {
  if (timing === undefined) return "–"
  const milliseconds = timing.medianUs >= 1000
  const figure = (us: number): string => significant(milliseconds ? us / 1000 : us)
  const spread = timing.count > 1 ? ` (${figure(timing.p5Us)}–${figure(timing.p95Us)})` : " (once)"
  return `${figure(timing.medianUs)} ${milliseconds ? "ms" : "µs"}${spread}`
}

export function formatBytes(sizeBytes: number | undefined): string {
  if (sizeBytes === undefined) return "–"
  if (sizeBytes < 10_000) return `${sizeBytes} B`
  return sizeBytes < 10_000_000 ? `${significant(sizeBytes / 1000)} kB` : `${significant(sizeBytes / 1_000_000)} MB`
}

function significant(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(value >= 10 ? 3 : 2)
}
