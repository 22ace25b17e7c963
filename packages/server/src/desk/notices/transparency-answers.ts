// The public page of lawful requests and the same for machines, as they are sent. Anybody may ask as often as they like, on the thread that serves
// messages, so the answers are made only when something has changed.

import type { Clock } from "../../core/ports.ts"
import type { Database } from "../../sqlite/database.ts"
import type { CanaryState } from "../canary/canary.ts"
import { transparencyPage } from "./transparency-page.ts"
import type { TransparencyReport } from "./transparency-report.ts"

export interface TransparencyAnswers {
  /** HTML. */
  page(): string
  /** JSON and a newline. */
  json(): string
}

export interface TransparencyAnswersPorts {
  /** The desk's. */
  readonly db: Database
  readonly clock: Clock
  readonly report: () => TransparencyReport
  readonly canary: () => CanaryState
}

/** A slot whose place in the log is not known yet is looked for again so often. */
const againMs = 5_000

interface Made {
  readonly version: string
  readonly atMs: number
  readonly report: TransparencyReport
  json?: string
  page?: { readonly canary: string; readonly html: string }
}

export function transparencyAnswers({ db, clock, report, canary }: TransparencyAnswersPorts): TransparencyAnswers {
  let last: Made | undefined
  const made = (): Made => {
    const [version, atMs] = [versionOf(db), clock.nowMs()]
    const waits = last?.report.slots.some(({ entry }) => entry === null) === true && Math.abs(atMs - last.atMs) >= againMs
    if (last?.version !== version || waits) last = { version, atMs, report: report() }
    return last
  }
  return {
    json: () => {
      const now = made()
      return (now.json ??= `${JSON.stringify(now.report)}\n`)
    },
    page: () => {
      const [now, state] = [made(), canary()]
      const name = state.status === "fresh" || state.status === "expired" ? `${state.status} ${state.canary.hash}` : state.status
      if (now.page?.canary !== name) now.page = { canary: name, html: transparencyPage(now.report, state) }
      return now.page.html
    },
  }
}

/** Slots of the log stay as they are; more come, and more are opened. */
function versionOf(db: Database): string {
  type Row = { slots: number; opened: number; newest: string | null }
  const row = db.get<Row>("SELECT count(*) AS slots, count(opened_day) AS opened, max(day) AS newest FROM slots WHERE logged = 1")
  return `${row?.slots ?? 0} ${row?.opened ?? 0} ${row?.newest ?? ""}`
}
