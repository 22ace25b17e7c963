// The log's routes of the protocol: search, update with a receipt, watch sets, the entry to pin, since when.

import { type AccountId, accountLabel, decodeSearchRequest, decodeSearchResponse, untoldHandles } from "@nodoor/keylog"
import { logConfig, logInserted, logSearch, logUpdate, logWatchSet } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"
import { callerOfAccount } from "../route/caller.ts"
import { type Handler, deviceRoute, openRoute, openOrDeviceRoute } from "../route/handler.ts"
import type { RateLimit } from "../route/rate-limit.ts"
import type { KeyLog } from "./log-service.ts"

export interface LogRoutePorts {
  readonly keyLog: Pick<KeyLog, "search" | "watchSet" | "config" | "inserted" | "logged">
  readonly rateLimit: RateLimit
  /** Appends the next state of an account; answers its version. @throws WireError */
  readonly appendState: (accountId: Uint8Array, state: Uint8Array) => Promise<number>
}

const handleLabelByte = 0x02

export function logRoutes({ keyLog, rateLimit, appendState }: LogRoutePorts): Handler[] {
  /** A label that was not looked up recently costs milliseconds. */
  const countLabels = (labels: readonly unknown[], account: string): void => rateLimit.take("logSearch", account, labels.length)
  const countLabel = (label: Uint8Array, caller: string): void =>
    rateLimit.take(label[0] === handleLabelByte ? "lookup" : "logSearchAddress", caller)
  /**
   * Handles can be guessed, account ids can't. A handle counts as a guess unless the request also names its account. Devices
   * look up the handles of everybody they know every day.
   */
  const answered = async (request: Uint8Array, caller: string): Promise<{ readonly response: Uint8Array }> => {
    const response = await keyLog.search(request)
    const tries = untoldHandles(decodeSearchRequest(request), decodeSearchResponse(response))
    if (tries > 0) rateLimit.take("lookup", caller, tries)
    return { response }
  }
  return [
    openOrDeviceRoute(logSearch, async ({ request }, { address, session }) => {
      const { labels } = decodeSearchRequest(request)
      if (session !== undefined) {
        countLabels(labels, callerOfAccount(session))
        return await answered(request, callerOfAccount(session))
      }
      rateLimit.take("logSearchAddress", callerOf(address), labels.length)
      return await answered(request, callerOf(address))
    }),

    deviceRoute(logUpdate, async ({ state, request }, session) => {
      countLabels(decodeSearchRequest(request).labels, callerOfAccount(session))
      const version = await appendState(session.accountId, state)
      await keyLog.logged(accountLabel(session.accountId as AccountId), version)
      return await answered(request, callerOfAccount(session))
    }),

    openRoute(logConfig, async (_, { address }) => {
      rateLimit.take("logSearchAddress", callerOf(address))
      return { config: await keyLog.config() }
    }),

    openRoute(logInserted, async (request, { address }) => {
      countLabel(request.label, callerOf(address))
      return await keyLog.inserted(request)
    }),

    openRoute(logWatchSet, async ({ label }, { address }) => {
      countLabel(label, callerOf(address))
      return { response: await keyLog.watchSet(label) }
    }),
  ]
}
