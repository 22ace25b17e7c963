// The log's doors of the protocol: search, update with a receipt, watch sets, the entry to pin, since when.

import { type AccountId, accountLabel, decodeSearchRequest } from "@nodoor/keylog"
import { logConfig, logInserted, logSearch, logUpdate, logWatchSet } from "@nodoor/wire"
import { callerOf } from "../delivery/address.ts"
import { callerOfAccount } from "../delivery/caller.ts"
import { type Door, deviceDoor, openDoor, openOrDeviceDoor } from "../delivery/door.ts"
import type { RateLimit } from "../delivery/rate-limit.ts"
import type { KeyLog } from "./log-service.ts"

export interface LogDoorPorts {
  readonly keyLog: Pick<KeyLog, "search" | "watchSet" | "config" | "inserted" | "logged">
  readonly rateLimit: RateLimit
  /** Appends the next state of an account; answers its version. @throws WireError */
  readonly appendState: (accountId: Uint8Array, state: Uint8Array) => Promise<number>
}

const handleLabelByte = 0x02

export function logDoors({ keyLog, rateLimit, appendState }: LogDoorPorts): Door[] {
  /** Handles could be tried out, account ids not; every label that nobody asked for lately costs milliseconds. */
  const countLabels = (labels: readonly { readonly label: Uint8Array }[], account: string): void => {
    const handles = labels.filter(({ label }) => label[0] === handleLabelByte).length
    if (handles > 0) rateLimit.take("lookup", account, handles)
    if (labels.length > handles) rateLimit.take("logSearch", account, labels.length - handles)
  }
  return [
    openOrDeviceDoor(logSearch, async ({ request }, { address, session }) => {
      const { labels } = decodeSearchRequest(request)
      if (session === undefined) rateLimit.take("logSearchAddress", callerOf(address), labels.length)
      else countLabels(labels, callerOfAccount(session))
      return { response: await keyLog.search(request) }
    }),

    deviceDoor(logUpdate, async ({ state, request }, session) => {
      countLabels(decodeSearchRequest(request).labels, callerOfAccount(session))
      const version = await appendState(session.accountId, state)
      await keyLog.logged(accountLabel(session.accountId as AccountId), version)
      return { response: await keyLog.search(request) }
    }),

    openDoor(logConfig, async (_, { address }) => {
      rateLimit.take("logSearchAddress", callerOf(address))
      return { config: await keyLog.config() }
    }),

    deviceDoor(logInserted, async (request, session) => {
      countLabels([request], callerOfAccount(session))
      return await keyLog.inserted(request)
    }),

    deviceDoor(logWatchSet, async ({ label }, session) => {
      countLabels([{ label }], callerOfAccount(session))
      return { response: await keyLog.watchSet(label) }
    }),
  ]
}
