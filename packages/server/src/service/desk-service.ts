// The lawful desk of a running server: what people get about themselves, the public notices, and the regular work of both.

import type { ArchiveMaker } from "../desk/archive/archive-maker.ts"
import { ownArchiveRoute } from "../desk/archive/own-archive-route.ts"
import type { CanaryState } from "../desk/canary/canary.ts"
import type { Desk } from "../desk/desk.ts"
import { logToday } from "../desk/notices/day-notices.ts"
import { noticePlaces } from "../desk/notices/notice-places.ts"
import { ownNoticesRoute } from "../desk/notices/own-notices-route.ts"
import { transparencyAnswers } from "../desk/notices/transparency-answers.ts"
import { transparencyStyle } from "../desk/notices/transparency-style.ts"
import { transparencyReport } from "../desk/notices/transparency-report.ts"
import type { People } from "../desk/people/people.ts"
import { plain } from "../http/page.ts"
import { publicFile } from "../http/security-headers.ts"
import type { LogService } from "../keylog/log-service.ts"
import type { RateLimit } from "../route/rate-limit.ts"
import type { Clock, Random } from "../core/ports.ts"
import type { Database } from "../sqlite/database.ts"
import type { Service } from "./service.ts"

export interface DeskServicePorts {
  readonly desk: Desk
  readonly people: People
  /** The desk's. */
  readonly db: Database
  readonly archives: ArchiveMaker
  readonly keyLog: LogService
  readonly logDatabasePath: string
  readonly rateLimit: RateLimit
  readonly canary: () => CanaryState
  readonly origin: string
  /** Public half of the key that signs archives. */
  readonly exportKey: Uint8Array
  readonly clock: Clock
  readonly random: Random
}

const sweepEveryMs = 10 * 60_000
/** How often the server looks whether a UTC day has begun. */
const newDayEveryMs = 60_000

export function deskService(ports: DeskServicePorts): Service {
  const { desk, people, db, archives, rateLimit, clock, random, origin, exportKey, logDatabasePath, keyLog } = ports
  const places = noticePlaces(logDatabasePath, clock)
  const report = (): ReturnType<typeof transparencyReport> => transparencyReport(db, { origin, exportKey, places })
  const transparency = transparencyAnswers({ db, clock, report, canary: ports.canary })
  const { keeper, changed } = keyLog
  return {
    routes: [ownArchiveRoute({ archives, rateLimit }), ownNoticesRoute({ db, clock, rateLimit })],
    pages: [
      { paths: ["/transparency"], answer: () => plain(transparency.page(), 200, { "Content-Type": "text/html; charset=utf-8" }) },
      {
        paths: ["/transparency.css"],
        answer: () => plain(transparencyStyle, 200, { "Content-Type": "text/css; charset=utf-8", "Cache-Control": "no-cache" }),
      },
      {
        paths: ["/transparency.json"],
        answer: () => plain(transparency.json(), 200, { ...publicFile, "Content-Type": "application/json" }),
      },
    ],
    sweeps: [
      {
        everyMs: sweepEveryMs,
        atStart: true,
        failed: "sweep_failed",
        run: () => {
          people.sweep()
          desk.sweep()
        },
      },
      {
        everyMs: newDayEveryMs,
        atStart: true,
        failed: "notice_failed",
        run: () => logToday({ db, keeper, changed, clock, random, logDatabasePath }),
      },
    ],
  }
}
