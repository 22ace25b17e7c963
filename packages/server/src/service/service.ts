// A running server is a list of services. Each brings its routes, pages and regular work; all are started, run and closed alike.

import type { Log } from "../core/ports.ts"
import type { Mount } from "../http/app.ts"
import type { Page } from "../http/page.ts"
import type { Handler } from "../route/handler.ts"

export interface Service {
  /** Routes of the protocol. They share one dispatcher with those of other services. */
  readonly routes?: readonly Handler[]
  /** Routes with a dispatcher of their own. */
  readonly mounts?: readonly Mount[]
  /** What it answers to GET. */
  readonly pages?: readonly Page[]
  readonly sweeps?: readonly Sweep[]
  /** Lets go of what the service has open. Nobody calls it any more by then. */
  readonly close?: () => Promise<void> | void
}

/** Work that is done again and again. A run that is late is waited for, and never overlaps the next. */
export interface Sweep {
  readonly everyMs: number
  /** Also at the start. */
  readonly atStart: boolean
  /** What the log says when a run fails. The next run comes all the same. */
  readonly failed: string
  readonly run: () => Promise<void> | void
}

/** Starts the regular work of these services. What it answers stops it, and resolves when no run is under way. */
export function startSweeps(services: readonly Service[], log: Log): () => Promise<void> {
  const underWay = new Map<Sweep, Promise<void>>()
  const begin = (sweep: Sweep): void => {
    if (underWay.has(sweep)) return
    const run = (async () => sweep.run())()
      .catch(() => log("warn", sweep.failed))
      .finally(() => underWay.delete(sweep))
    underWay.set(sweep, run)
  }
  const sweeps = services.flatMap((service) => service.sweeps ?? [])
  const timers = sweeps.map((sweep) => setInterval(() => begin(sweep), sweep.everyMs))
  for (const sweep of sweeps) if (sweep.atStart) begin(sweep)
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await Promise.all(underWay.values())
  }
}

/** Closes the last service first, because later ones use earlier ones. */
export async function closeServices(services: readonly Service[]): Promise<void> {
  for (const service of services.toReversed()) await service.close?.()
}
