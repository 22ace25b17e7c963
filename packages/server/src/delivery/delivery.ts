// The server without a transport: what happens to a request's bytes and to a stream's frames. `http/` puts sockets before it,
// a simulation puts a virtual network before it.

import type { Clock, Log, Mailer, Meter, Random, Turn } from "../core/ports.ts"
import { ownArchiveRoute } from "../desk/archive/own-archive-route.ts"
import { ownNoticesRoute } from "../desk/notices/own-notices-route.ts"
import type { SigningKey } from "../keylog/keeper/log-keys.ts"
import type { Database } from "../sqlite/database.ts"
import type { Store } from "../store/store.ts"
import type { StreamPort, StreamSink } from "../stream/port.ts"
import { createStreams } from "../stream/streams.ts"
import { type KeyLog } from "../keylog/log-service.ts"
import { logRoutes } from "../keylog/log-routes.ts"
import { type AccountChanges, createAccountChanges } from "./account-changes.ts"
import { accountAppender, accountRoutes } from "./accounts.ts"
import { callerOf } from "../core/address.ts"
import { callerOfAccount } from "../route/caller.ts"
import { createClaimTokens } from "./claim-token.ts"
import type { Caller } from "../route/handler.ts"
import { type Dispatcher, createDispatcher } from "../route/dispatch.ts"
import { costOf, groupRoutes } from "./groups.ts"
import { keyPackageRoutes } from "./key-packages.ts"
import { mailboxRoutes } from "./mailbox.ts"
import type { DeliveryOptions } from "./options.ts"
import { createRateLimit } from "../route/rate-limit.ts"
import { registrationRoutes } from "./registration.ts"
import { createSessions } from "./sessions.ts"

export interface DeliveryPorts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly turn: Turn
  readonly mailer: Mailer
  readonly log: Log
  /** The transparency log; without it its routes are closed. */
  readonly keyLog?: KeyLog | undefined
  readonly meter?: Meter | undefined
  /** Signs the archives that people get about themselves; without it that route is closed. */
  readonly exportKey?: SigningKey | undefined
  /** The desk's, for what people are told about requests; without it that route is closed. */
  readonly deskDatabase?: Database | undefined
}

export interface Delivery extends Dispatcher {
  readonly options: DeliveryOptions
  /** A new stream connection. `sink` takes the frames for the device. */
  connect(sink: StreamSink, caller: Pick<Caller, "address">): StreamPort
  /** Erases what is past its time. Call every few minutes. */
  sweep(): Promise<void>
  /** Suspends, resumes or erases an account, and ends what its devices have open. @throws WireError `account_not_found`, `account_erased` */
  changeAccount: AccountChanges["change"]
  /** Takes in what another process changed of accounts. Call every few seconds. */
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
  const { clock, random, log, keyLog } = ports
  const store = keyLog === undefined ? ports.store : tellingOfAccounts(ports.store, keyLog)
  const rateLimit = createRateLimit(clock, options.rates)
  const claimTokens = createClaimTokens(await store.setting({ name: "claim_key", value: random(32) }), ports)
  const sessions = createSessions({ store, clock, random, rateLimit }, options)
  const streams = createStreams({ store, turn: ports.turn, sessions, rateLimit, log, meter: ports.meter })
  const devicesGone = (deviceIds: readonly Uint8Array[]): void => {
    sessions.drop(deviceIds)
    streams.drop(deviceIds, "unauthorized")
  }
  const accountChanges = await createAccountChanges({ store, sessions, streams, clock, log }, options)

  const handlers = [
    ...registrationRoutes({ store, clock, random, mailer: ports.mailer, rateLimit, log }, options),
    ...sessions.routes,
    ...accountRoutes({ store, rateLimit, devicesGone }, options),
    ...keyPackageRoutes({ store, claimTokens, rateLimit }),
    ...groupRoutes({ store, clock, claimTokens, rateLimit, announcer: streams }, options),
    ...mailboxRoutes({ store }),
    ...(ports.exportKey === undefined ? [] : [ownArchiveRoute({ store, rateLimit, exportKey: ports.exportKey }, options)]),
    ...(ports.deskDatabase === undefined ? [] : [ownNoticesRoute({ deskDatabase: ports.deskDatabase, clock, rateLimit })]),
    ...(keyLog === undefined
      ? []
      : logRoutes({ keyLog, rateLimit, appendState: accountAppender({ store, rateLimit, devicesGone }, options) })),
  ]
  const dispatcher = createDispatcher({ clock, log, meter: ports.meter }, handlers, async (handler, caller, request, sizeBytes) => {
    // Before anything of it is read: what is no message costs whoever sends it as much as one.
    if (handler.route.caller === "member") rateLimit.take("memberAddress", callerOf(caller.address), costOf(sizeBytes))
    const shown = handler.route.caller === "device" || (handler.sessionIfSent === true && caller.token !== undefined)
    const session = shown ? await sessions.find(caller.token) : undefined
    if (session !== undefined) rateLimit.take("device", callerOfAccount(session))
    return handler.run(request(), { address: caller.address, session })
  })

  return {
    options,
    ...dispatcher,
    connect: streams.connect,
    sweep: async () => {
      const nowMs = clock.nowMs()
      const cutoffs = {
        nowMs,
        addressesBeforeMs: nowMs - options.ipDays * dayMs,
        mailboxBeforeMs: nowMs - options.mailboxDays * dayMs,
        mailboxMaxBytes: options.mailboxMaxBytes ?? Infinity,
        max: sweepMax,
      }
      let from: Uint8Array | undefined
      do from = (await store.sweep({ ...cutoffs, from })).next
      while (from !== undefined)
      await accountChanges.eraseUnused()
    },
    changeAccount: accountChanges.change,
    noticeAccountChanges: accountChanges.notice,
    devicesConnected: streams.count,
    close: streams.close,
  }
}

/** The store, telling the log of every account state that it took. */
function tellingOfAccounts(store: Store, keyLog: KeyLog): Store {
  return {
    ...store,
    registerAccount: async (input) => {
      await store.registerAccount(input)
      keyLog.changed()
    },
    appendAccountState: async (input) => {
      const gone = await store.appendAccountState(input)
      keyLog.changed()
      return gone
    },
  }
}
