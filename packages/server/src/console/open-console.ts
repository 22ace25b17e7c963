// The console of a running server: its routes on the desk, the store, the log and the configuration.

import type { Config } from "../config/config.ts"
import type { SettingsInForce } from "../config/settings.ts"
import type { AccountService } from "../accounts/account-service.ts"
import type { DeliveryHealth, DeliveryStreams } from "../core/delivery-health.ts"
import type { CanaryState } from "../desk/canary/canary.ts"
import { approvalChallengeOf } from "../desk/cases/case.ts"
import type { Desk } from "../desk/desk.ts"
import { Passkeys } from "../desk/people/passkeys.ts"
import type { People } from "../desk/people/people.ts"
import type { LogService } from "../keylog/log-service.ts"
import type { Clock, Log, Meter, Random } from "../core/ports.ts"
import type { Database } from "../sqlite/database.ts"
import type { Store } from "../accounts/store/store.ts"
import { accountRoutes } from "./accounts.ts"
import { caseRoutes } from "./cases.ts"
import { type Console, type ConsoleRates, createConsole } from "./console.ts"
import { overviewRoutes } from "./overview.ts"
import { peopleRoutes } from "./people.ts"
import { createConsoleSessions } from "./session.ts"
import { signInRoutes } from "./sign-in.ts"

export interface OpenConsolePorts {
  readonly store: Store
  readonly accounts: AccountService
  readonly deliveryStore: DeliveryHealth
  readonly deliveryHalf: DeliveryStreams
  readonly keyLog: LogService
  readonly desk: Desk
  readonly people: People
  /** The desk's. */
  readonly db: Database
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly meter: Meter
  readonly canary: () => CanaryState
}

export interface OpenConsoleFacts {
  readonly config: Config
  readonly settings: SettingsInForce
  readonly origin: string
  /** `host` or `host:port` of the console, which may be the same. */
  readonly consoleOrigin: string
  /** Where people reach the server, without a slash at the end. */
  readonly url: string
  readonly webBundle: boolean
  readonly rates?: ConsoleRates | undefined
}

export function openConsole(ports: OpenConsolePorts, facts: OpenConsoleFacts): Console {
  const { consoleOrigin } = facts
  const passkeys = new Passkeys({ ...ports, consoleOrigin, approvalChallenge: (caseId) => approvalChallengeOf(ports.db, caseId) })
  const sessions = createConsoleSessions(ports)
  const all = { ...ports, passkeys, sessions }
  return createConsole(
    all,
    [...signInRoutes(all), ...overviewRoutes(all, facts), ...accountRoutes(all, facts.url), ...caseRoutes(all), ...peopleRoutes(all)],
    facts.rates,
  )
}
