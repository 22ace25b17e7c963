// Delivery without a transport: accounts, sessions, groups, mailboxes and streams. It knows neither the key log nor the desk; what they
// need of it stands in `Delivery`.

import type { Clock, Log, Mailer, Meter, Random, Timer, Turn } from "../core/ports.ts"
import type { Caller, Handler } from "../route/handler.ts"
import { type RateLimit, createRateLimit } from "../route/rate-limit.ts"
import type { Store } from "../store/store.ts"
import type { StreamPort, StreamSink } from "../stream/port.ts"
import { createStreams } from "../stream/streams.ts"
import { type AccountChanges, createAccountChanges } from "../accounts/account-changes.ts"
import { accountAppender, accountRoutes } from "../accounts/accounts.ts"
import { claimRoutes } from "../accounts/claims.ts"
import { createClaimTokens } from "../accounts/claim-token.ts"
import { createIntroductionAddresses } from "../accounts/introduction-address.ts"
import { createIntroductions, introductionsOverBefore } from "../accounts/introductions.ts"
import { groupRoutes } from "./groups.ts"
import { keyPackageRoutes } from "../accounts/key-packages.ts"
import { mailboxRoutes } from "./mailbox.ts"
import type { DeliveryOptions } from "../accounts/options.ts"
import { createPresence } from "../accounts/presence.ts"
import { registrationRoutes } from "../accounts/registration.ts"
import { type Sessions, createSessions } from "../accounts/sessions.ts"
import { createTokenKeys } from "../accounts/token-keys.ts"
import { tokenRoutes } from "../accounts/tokens.ts"

export interface DeliveryPorts {
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

export interface Delivery {
  readonly options: DeliveryOptions
  /** Its own routes. Those of other services stand beside them, behind one dispatcher. */
  readonly routes: readonly Handler[]
  readonly sessions: Pick<Sessions, "find">
  /** The protocol's rates, which all services share. */
  readonly rateLimit: RateLimit
  /** Appends the next state to an account's chain; answers its version. @throws WireError */
  appendState(accountId: Uint8Array, state: Uint8Array): Promise<number>
  /** A new stream connection. `sink` takes the frames for the device. */
  connect(sink: StreamSink, caller: Pick<Caller, "address">): StreamPort
  /** Erases what is past its time. Call every few minutes. */
  sweep(): Promise<void>
  /** Writes what is only in memory so far. Call before the store is closed. */
  settled(): Promise<void>
  /** Suspends, resumes or erases an account, and ends what its devices have open. @throws WireError `account_not_found`, `account_erased` */
  changeAccount: AccountChanges["change"]
  /** Applies account changes that another process made. Call every few seconds. */
  noticeAccountChanges(): Promise<void>
  /** Devices whose stream is open. */
  devicesConnected(): number
  /** Ends all streams; requests under way are still answered. */
  close(): void
}

const dayMs = 86_400_000
/** Mailboxes looked at per transaction when sweeping, so that no caller waits long behind it. */
const sweepMax = 200

/** @throws ServerError from the store */
export async function createDelivery(ports: DeliveryPorts, options: DeliveryOptions): Promise<Delivery> {
  const { clock, random, log } = ports
  const store = noticingAccounts(ports)
  const rateLimit = createRateLimit(clock, options.rates)
  const claimTokens = createClaimTokens(await store.setting({ name: "claim_key", value: random(32) }), ports)
  const presence = createPresence({ store, clock })
  const sessions = createSessions({ store, presence, clock, random, rateLimit }, options)
  const streams = createStreams({ store, turn: ports.turn, sessions, rateLimit, log, meter: ports.meter })
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
  const devicesGone = (deviceIds: readonly Uint8Array[]): void => {
    introductions.drop(deviceIds)
    sessions.drop(deviceIds)
    streams.drop(deviceIds, "unauthorized")
  }
  const ended: Pick<typeof streams, "drop" | "devices"> = {
    devices: streams.devices,
    drop: (deviceIds, code) => {
      introductions.drop(deviceIds)
      streams.drop(deviceIds, code)
    },
  }
  const accountChanges = await createAccountChanges({ store, sessions, presence, streams: ended, clock, log }, options)

  return {
    options,
    routes: [
      ...registrationRoutes({ store, clock, random, mailer: ports.mailer, rateLimit, log }, options),
      ...sessions.routes,
      ...accountRoutes({ store, rateLimit, devicesGone }, options),
      ...keyPackageRoutes({ store, claimTokens, rateLimit }),
      ...tokenRoutes({ store, keys: tokenKeys, clock, rateLimit, turn: ports.turn }),
      ...claimRoutes({ store, addresses, keys: tokenKeys, clock, rateLimit }, options),
      ...introductions.routes,
      ...groupRoutes({ store, clock, claimTokens, rateLimit, announcer: streams }, options),
      ...mailboxRoutes({ store }),
    ],
    sessions,
    rateLimit,
    appendState: accountAppender({ store, rateLimit, devicesGone }, options),
    connect: streams.connect,
    sweep: async () => {
      const nowMs = clock.nowMs()
      const cutoffs = {
        nowMs,
        // A week's addresses are dated by its first day.
        addressesBeforeMs: nowMs - (options.ipDays + 7) * dayMs,
        mailboxBeforeMs: nowMs - options.mailboxDays * dayMs,
        introductionsBefore: introductionsOverBefore(nowMs),
        mailboxMaxBytes: options.mailboxMaxBytes ?? Infinity,
        max: sweepMax,
      }
      let from: Uint8Array | undefined
      do from = (await store.sweep({ ...cutoffs, from })).next
      while (from !== undefined)
      await tokenKeys.ready()
      await presence.writeWeeks()
      await accountChanges.eraseUnused()
    },
    changeAccount: accountChanges.change,
    noticeAccountChanges: accountChanges.notice,
    settled: presence.writeAll,
    devicesConnected: streams.count,
    close: () => {
      introductions.close()
      streams.close()
    },
  }
}

/** The store, with a call of `accountsChanged` after every account state that it took. */
function noticingAccounts({ store, accountsChanged }: DeliveryPorts): Store {
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
