// How long to wait after failures in a row.

export interface Backoff {
  readonly firstMs: number
  readonly lastMs: number
}

/** A pause that doubles with every failure in a row, from the second on. */
export function doubledMs(failures: number, pause: Backoff): number {
  return Math.min(pause.lastMs, pause.firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 30))
}
