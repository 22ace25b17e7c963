// The server without a transport: what happens to a request's bytes and to a stream's frames. `http/` puts sockets before it,
// a simulation puts a virtual network before it.

import type { Clock, Log, Mailer, Meter, Random, Turn } from "../ports.ts"
import { ownArchiveDoor } from "../desk/own-archive-door.ts"
import { ownNoticesDoor } from "../desk/own-notices-door.ts"
import type { SigningKey } from "../log/log-keys.ts"
import type { Database } from "../store/sqlite/database.ts"
import type { Store } from "../store/store.ts"
import type { StreamPort, StreamSink } from "../stream/port.ts"
import { createStreams } from "../stream/streams.ts"
import { type KeyLog } from "../log/log-service.ts"
import { logDoors } from "../log/log-doors.ts"
import { type AccountChanges, createAccountChanges } from "./account-changes.ts"
import { accountAppender, accountDoors } from "./accounts.ts"
import { callerOf } from "./address.ts"
import { callerOfAccount } from "./caller.ts"
import { createClaimTokens } from "./claim-token.ts"
import type { Caller } from "./door.ts"
import { type Doorway, createDoorway } from "./doorway.ts"
import { costOf, groupDoors } from "./groups.ts"
import { keyPackageDoors } from "./key-packages.ts"
import { mailboxDoors } from "./mailbox.ts"
import type { DeliveryOptions } from "./options.ts"
import { createRateLimit } from "./rate-limit.ts"
import { registrationDoors } from "./registration.ts"
import { createSessions } from "./sessions.ts"

export interface DeliveryPorts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly turn: Turn
  readonly mailer: Mailer
  readonly log: Log
  /** The transparency log; without it its doors are closed. */
  readonly keyLog?: KeyLog | undefined
  readonly meter?: Meter | undefined
  /** Signs the archives that people get about themselves; without it that door is closed. */
  readonly exportKey?: SigningKey | undefined
  /** The desk's, for what people are told about requests; without it that door is closed. */
  readonly deskDatabase?: Database | undefined
}

export interface Delivery extends Doorway {
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

  const doors = [
    ...registrationDoors({ store, clock, random, mailer: ports.mailer, rateLimit, log }, options),
    ...sessions.doors,
    ...accountDoors({ store, rateLimit, devicesGone }, options),
    ...keyPackageDoors({ store, claimTokens, rateLimit }),
    ...groupDoors({ store, clock, claimTokens, rateLimit, announcer: streams }, options),
    ...mailboxDoors({ store }),
    ...(ports.exportKey === undefined ? [] : [ownArchiveDoor({ store, rateLimit, exportKey: ports.exportKey }, options)]),
    ...(ports.deskDatabase === undefined ? [] : [ownNoticesDoor({ deskDatabase: ports.deskDatabase, clock, rateLimit })]),
    ...(keyLog === undefined
      ? []
      : logDoors({ keyLog, rateLimit, appendState: accountAppender({ store, rateLimit, devicesGone }, options) })),
  ]
  const doorway = createDoorway({ clock, log, meter: ports.meter }, doors, async (door, caller, request, sizeBytes) => {
    // Before anything of it is read: what is no message costs whoever sends it as much as one.
    if (door.route.caller === "member") rateLimit.take("memberAddress", callerOf(caller.address), costOf(sizeBytes))
    const shown = door.route.caller === "device" || (door.sessionIfSent === true && caller.token !== undefined)
    const session = shown ? await sessions.find(caller.token) : undefined
    if (session !== undefined) rateLimit.take("device", callerOfAccount(session))
    return door.run(request(), { address: caller.address, session })
  })

  return {
    options,
    ...doorway,
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
