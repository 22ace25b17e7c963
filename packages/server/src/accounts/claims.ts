// Claims: what somebody needs to add devices to a group. Whoever asks shows a token and no session, so nobody learns who adds whom.

import { toHex } from "@nodoor/bytes"
import { WireError, claimDevices } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"
import type { Clock } from "../core/ports.ts"
import { type Handler, openRoute } from "../route/handler.ts"
import type { RateLimit } from "../route/rate-limit.ts"
import type { Store } from "./store/store.ts"
import { checkToken } from "../token/token-check.ts"
import type { IntroductionAddresses } from "./introduction-address.ts"
import type { TokenKeys } from "./token-keys.ts"

export interface ClaimPorts {
  readonly store: Pick<Store, "isTokenSpent" | "claimDevices">
  readonly keys: Pick<TokenKeys, "ready" | "inForce">
  readonly clock: Clock
  readonly addresses: IntroductionAddresses
  readonly rateLimit: RateLimit
}

const dayMs = 86_400_000

export function claimRoutes(ports: ClaimPorts, { origin }: { readonly origin: string }): Handler[] {
  const { store, keys, clock, addresses, rateLimit } = ports
  return [
    openRoute(claimDevices, async ({ token, accounts }, { address }) => {
      rateLimit.take("claimAddress", callerOf(address))
      if (accounts.length === 0) throw new WireError("bad_request", "no account")
      if (new Set(accounts.map(({ accountId }) => toHex(accountId))).size < accounts.length)
        throw new WireError("bad_request", "an account is named twice")
      await keys.ready()
      const checked = checkToken(token, { origin, use: "claim", keys: keys.inForce() })
      if (checked === undefined) throw new WireError("token_invalid")
      // Looked at before the ceilings are touched, so that nobody uses them up with one token.
      if (await store.isTokenSpent({ hash: checked.hash })) throw new WireError("token_spent")
      const day = Math.floor(clock.nowMs() / dayMs)
      const { claims, refused } = await store.claimDevices({
        token: checked,
        accounts: accounts.map(({ accountId, deviceIds }) => ({
          accountId,
          deviceIds,
          // Anybody may claim anybody. Beyond the ceiling of an account everybody gets its devices' last resort, and its stock is kept.
          lastResortOnly: !rateLimit.allows("claimedFrom", toHex(accountId)),
        })),
      })
      return { claims: claims.map((claim) => ({ ...claim, address: addresses.issue(claim.deviceId, day) })), refused }
    }),
  ]
}
