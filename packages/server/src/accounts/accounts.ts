// Accounts: looked up by anybody; changed, and their records seen, by their own devices.

import { bytes } from "@nodoor/bytes"
import {
  type AccountChange,
  decodeSignedAccountState,
  decodeVerifiedAccountState,
  encodeVerifiedAccountState,
  verifyAccountState,
} from "@nodoor/keylog"
import { WireError, limits, lookup, ownRecord, recoverAccount, updateAccount } from "@nodoor/wire"
import { serverCrypto } from "../core/crypto.ts"
import type { Store } from "./store/store.ts"
import { callerOf } from "../core/address.ts"
import { type Handler, deviceRoute, openRoute } from "../route/handler.ts"
import type { AccountServiceOptions } from "./options.ts"
import type { RateLimit } from "../route/rate-limit.ts"
import { accountRules } from "./registration.ts"

export interface AccountPorts {
  readonly store: Pick<Store, "findAccount" | "verifiedState" | "appendAccountState" | "accountRow">
  readonly rateLimit: RateLimit
  /** Called with devices that are no longer in any account. */
  readonly devicesGone: (deviceIds: readonly Uint8Array[]) => void
}

export function accountRoutes(ports: AccountPorts, options: AccountServiceOptions): Handler[] {
  const { store, rateLimit } = ports
  const appendState = accountAppender(ports, options)
  return [
    openRoute(lookup, async ({ handle, accountId, knownVersion }, { address }) => {
      // Account ids can't be guessed. Handles can.
      rateLimit.take(handle === undefined ? "lookupById" : "lookup", callerOf(address))
      const found = await store.findAccount({
        handle,
        accountId,
        afterVersion: knownVersion ?? -1,
        maxStates: limits.accountStatesPerAnswer,
      })
      if (found === undefined) throw new WireError("account_not_found")
      return found
    }),

    deviceRoute(updateAccount, async ({ state }, { accountId }) => ({ version: await appendState(accountId, state) })),

    openRoute(recoverAccount, async ({ state }, { address }) => {
      rateLimit.take("recover", callerOf(address))
      const { accountId } = accountRules(() => decodeSignedAccountState(state).state)
      if ((await store.verifiedState({ accountId })) === undefined) throw new WireError("account_not_found")
      // Anybody may ask: without the recovery key's signature it would be anybody's account.
      return { version: await appendState(accountId, state, { only: "recovery reset" }) }
    }),

    deviceRoute(ownRecord, async (_, { accountId }) => {
      const row = await store.accountRow({ accountId })
      if (row === undefined) throw new WireError("unauthorized")
      return row
    }),
  ]
}

/** Appends the next state to an account's chain, once every rule of the chain holds; answers its version. The same state again is accepted. */
export function accountAppender(
  ports: AccountPorts,
  options: AccountServiceOptions,
): (accountId: Uint8Array, state: Uint8Array, bounds?: { readonly only?: AccountChange }) => Promise<number> {
  const { store } = ports
  return async (accountId, state, { only } = {}) => {
    const stored = await store.verifiedState({ accountId })
    if (stored === undefined) throw new WireError("unauthorized")
    const previous = decodeVerifiedAccountState(serverCrypto, stored)
    const next = accountRules(() => {
      const parsed = decodeSignedAccountState(state).state
      // The store knows whether this is the stored state sent again, or a different one that came too late.
      if (parsed.version <= previous.state.version) return { version: parsed.version, stale: true as const }
      const verified = verifyAccountState(serverCrypto, {
        previous,
        next: state,
        origin: options.origin,
        accountId: bytes<"AccountId">(accountId),
      })
      if (only !== undefined && verified.kind !== only) throw new WireError("account_state_invalid", "not signed by the recovery key")
      return { version: parsed.version, stale: false as const, verified }
    })
    if (next.stale) {
      await store.appendAccountState({
        accountId,
        version: next.version,
        state,
        stateHash: state,
        verifiedState: state,
        devices: [],
        erased: false,
      })
      return next.version
    }
    const { verified } = next
    const gone = await store.appendAccountState({
      accountId,
      version: next.version,
      state,
      stateHash: verified.stateHash,
      verifiedState: encodeVerifiedAccountState(verified),
      devices: verified.state.devices.map(({ deviceId, signatureKey }) => ({ deviceId, signatureKey })),
      erased: verified.kind === "tombstone",
    })
    ports.devicesGone(gone)
    return next.version
  }
}
