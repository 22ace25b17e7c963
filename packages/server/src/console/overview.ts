// The first page of the console: the server's state and its settings. It has counts, sizes and names of programs, but nobody's data.

import { type OperatorOverview, operatorOverview, operatorSettings } from "@nodoor/wire/operator"
import type { Config } from "../config/config.ts"
import type { SettingsInForce } from "../config/settings.ts"
import type { DeliveryCounts, DeliveryHealth, DeliveryStreams } from "../core/delivery-health.ts"
import type { CanaryState } from "../desk/canary/canary.ts"
import type { Desk } from "../desk/desk.ts"
import { examine, logFinding } from "../operator/doctor.ts"
import { backupState } from "../operator/backup-state.ts"
import { versionsOf } from "../operator/schema-version.ts"
import type { Clock } from "../core/ports.ts"
import type { Store } from "../accounts/store/store.ts"
import { version } from "../core/version.ts"
import { type ConsoleHandler, rightRoute } from "./route.ts"
import { type KeyLogHealthPorts, keyLogHealth } from "./key-log-health.ts"
import { storageOf } from "./storage.ts"

export interface OverviewPorts {
  readonly store: Pick<Store, "integrity" | "newestTime" | "countAccounts" | "accountFeed" | "accountCounts">
  readonly deliveryStore: DeliveryHealth
  readonly clock: Clock
  readonly keyLog: KeyLogHealthPorts["keyLog"]
  readonly deliveryHalf: DeliveryStreams
  readonly desk: Pick<Desk, "counts">
  readonly canary: () => CanaryState
}

/** What stays as it was at the start. */
export interface OverviewFacts {
  readonly config: Config
  readonly origin: string
  readonly webBundle: boolean
  readonly settings: SettingsInForce
}

/** The check reads the whole database, so it does not run for every request. */
const integrityEveryMs = 10 * 60_000
/** Counting reads every message that is held, while people's messages wait for the same database. */
const queueEveryMs = 10_000

export function overviewRoutes(ports: OverviewPorts, facts: OverviewFacts): readonly ConsoleHandler[] {
  const { clock, keyLog } = ports
  const { config, origin } = facts
  const startedAtMs = clock.nowMs()
  const store = { ...ports.store, integrity: atMostEvery(integrityEveryMs, clock, () => ports.store.integrity({})) }
  const deliveryStore = {
    integrity: atMostEvery(integrityEveryMs, clock, () => ports.deliveryStore.integrity({})),
    blobDepth: atMostEvery(queueEveryMs, clock, () => ports.deliveryStore.blobDepth({})),
  }
  const depth = atMostEvery(queueEveryMs, clock, () => ports.deliveryStore.depth({}))
  return [
    rightRoute(operatorOverview, "read", async () => {
      const nowMs = clock.nowMs()
      const [findings, accounts, queue, log] = await Promise.all([
        examine({ config, store, deliveryStore, origin, webBundle: facts.webBundle, thorough: false, nowMs }),
        store.accountCounts({}),
        depth(),
        keyLogHealth({ keyLog, store }, nowMs),
      ])
      return {
        origin,
        version,
        startedAtMs,
        nowMs,
        findings: [...findings, logFinding(config.log, keyLog.state, { publishedAtMs: log.publishedAtMs, nowMs })],
        accounts,
        devicesConnected: ports.deliveryHalf.streams().reading,
        queue: queueOf(queue),
        storage: storageOf(config.dataDir),
        keyLog: log,
        cases: ports.desk.counts(),
        canary: canaryHealth(ports.canary()),
        backup: backupState(config.dataDir),
        databases: versionsOf(config.dataDir).flatMap(({ path, found }) => (found === undefined ? [] : [{ path, schema: found }])),
      }
    }),
    rightRoute(operatorSettings, "read", () => facts.settings),
  ]
}

function queueOf({ oldestHour, ...queue }: DeliveryCounts): OperatorOverview["queue"] {
  return oldestHour === undefined ? queue : { ...queue, oldestAtMs: oldestHour * 3_600_000 }
}

/** A file that is not a valid canary counts as expired. */
function canaryHealth(state: CanaryState): OperatorOverview["canary"] {
  if (state.status === "none") return { status: "none" }
  return state.status === "unreadable" ? { status: "expired" } : { status: state.status, expires: state.canary.expires }
}

function atMostEvery<T>(everyMs: number, clock: Clock, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly atMs: number; readonly answer: Promise<T> } | undefined
  return () => {
    const atMs = clock.nowMs()
    if (last === undefined || Math.abs(atMs - last.atMs) >= everyMs) {
      const answer = ask()
      last = { atMs, answer }
      answer.catch(() => (last = undefined))
    }
    return last.answer
  }
}
