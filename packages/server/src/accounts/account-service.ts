// The account service without a transport: accounts, sessions, tokens, KeyPackages, claims and introductions. It knows neither groups nor the
// key log nor the desk; what others need of it stands in `AccountService`.

import type { Clock, Log, Mailer, Meter, Random, Timer, Turn } from "../core/ports.ts"
import type { Handler } from "../route/handler.ts"
import { type RateLimit, createRateLimit } from "../route/rate-limit.ts"
import type { Store } from "./store/store.ts"
import type { TokenKey } from "@nodoor/wire"
import { type AccountChanges, createAccountChanges } from "./account-changes.ts"
import { accountAppender, accountRoutes } from "./accounts.ts"
import { claimRoutes } from "./claims.ts"
import { createIntroductionAddresses } from "./introduction-address.ts"
import { createIntroductions } from "./introductions.ts"
import { keyPackageRoutes } from "./key-packages.ts"
import type { AccountServiceOptions } from "./options.ts"
import { createPresence } from "./presence.ts"
import { createRendezvous } from "./rendezvous.ts"
import { registrationRoutes } from "./registration.ts"
import { type Sessions, createSessions } from "./sessions.ts"
import { createTokenKeys } from "./token-keys.ts"
import { tokenRoutes } from "./tokens.ts"

export interface AccountServicePorts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly turn: Turn
  readonly timer: Timer
  readonly mailer: Mailer
  readonly log: Log
  readonly meter?: Meter | undefined
  /** Called when an account state or a key for tokens was stored: the key log must take it in. */
  readonly accountsChanged?: (() => void) | undefined
  /** SHA-256 of the key for tokens that the published log holds for an epoch; absent: there is no log. */
  readonly loggedTokenKey?: ((epoch: number) => Promise<Uint8Array | undefined>) | undefined
  /** A new private key for tokens, PKCS #8. Default: a fresh one of node:crypto. */
  readonly newTokenKey?: (() => Promise<Uint8Array>) | undefined
}

export interface AccountService {
  readonly options: AccountServiceOptions
  /** Its own routes. Those of other services stand beside them, behind one dispatcher. */
  readonly routes: readonly Handler[]
  readonly sessions: Pick<Sessions, "find">
  /** The protocol's rates, which all services share. */
  readonly rateLimit: RateLimit
  /** Appends the next state to an account's chain; answers its version. @throws WireError */
  appendState(accountId: Uint8Array, state: Uint8Array): Promise<number>
  /** Erases what is past its time. Call every few minutes. */
  sweep(): Promise<void>
  /** Writes what is only in memory so far. Call before the store is closed. */
  settled(): Promise<void>
  /** Suspends, resumes or erases an account, and ends what its devices have open. @throws WireError `account_not_found`, `account_erased` */
  changeAccount: AccountChanges["change"]
  /** Applies account changes that another process made. Call every few seconds. */
  noticeAccountChanges(): Promise<void>
  /** The public keys whose tokens are taken now: all that the delivery service learns of this one. */
  tokenKeys(): Promise<readonly TokenKey[]>
  /** Devices with a session. */
  devicesSignedIn(): number
  /** Answers requests that wait; others under way are still answered. */
  close(): void
}

const dayMs = 86_400_000

/** @throws ServerError from the store */
export async function createAccountService(ports: AccountServicePorts, options: AccountServiceOptions): Promise<AccountService> {
  const { clock, random, log } = ports
  const store = noticingAccounts(ports)
  const rateLimit = createRateLimit(clock, options.rates)
  const presence = createPresence({ store, clock }, options)
  const sessions = createSessions({ store, presence, clock, random, rateLimit }, options)
  const tokenKeys = createTokenKeys({
    store,
    clock,
    log,
    newKey: ports.newTokenKey,
    loggedKey: ports.loggedTokenKey,
    made: ports.accountsChanged,
  })
  await tokenKeys.ready()
  const addresses = createIntroductionAddresses(await store.setting({ name: "introduction_key", value: random(32) }), random)
  const introductions = createIntroductions({ store, addresses, clock, random, timer: ports.timer, rateLimit })
  const rendezvous = createRendezvous({ clock, timer: ports.timer, rateLimit })
  const devicesGone = (deviceIds: readonly Uint8Array[]): void => {
    introductions.drop(deviceIds)
    sessions.drop(deviceIds)
  }
  const accountChanges = await createAccountChanges({ store, sessions, introductions, presence, clock, log }, options)

  return {
    options,
    routes: [
      ...registrationRoutes({ store, clock, random, mailer: ports.mailer, rateLimit, log }, options),
      ...sessions.routes,
      ...accountRoutes({ store, rateLimit, devicesGone }, options),
      ...keyPackageRoutes({ store }),
      ...tokenRoutes({ store, keys: tokenKeys, clock, rateLimit, turn: ports.turn }),
      ...claimRoutes({ store, addresses, keys: tokenKeys, clock, rateLimit }, options),
      ...introductions.routes,
      ...rendezvous.routes,
    ],
    sessions,
    rateLimit,
    appendState: accountAppender({ store, rateLimit, devicesGone }, options),
    sweep: async () => {
      rendezvous.sweep()
      const nowMs = clock.nowMs()
      await store.sweep({
        nowMs,
        // One of a registration is dated by the beginning of its day.
        addressesBeforeMs: nowMs - (options.ipDays + 1) * dayMs,
      })
      introductions.sweep()
      await tokenKeys.ready()
      await presence.writePeriods()
      await accountChanges.eraseUnused()
    },
    changeAccount: accountChanges.change,
    noticeAccountChanges: accountChanges.notice,
    settled: presence.writeAll,
    tokenKeys: async () => {
      await tokenKeys.ready()
      return tokenKeys.inForce()
    },
    devicesSignedIn: () => sessions.devices().length,
    close: () => {
      introductions.close()
      rendezvous.close()
    },
  }
}

/** The store, with a call of `accountsChanged` after every account state that it took. */
function noticingAccounts({ store, accountsChanged }: AccountServicePorts): Store {
  if (accountsChanged === undefined) return store
  return {
    ...store,
    registerAccount: async (input) => {
      await store.registerAccount(input)
      accountsChanged()
    },
    appendAccountState: async (input) => {
      const gone = await store.appendAccountState(input)
      accountsChanged()
      return gone
    },
  }
}
