// KeyPackages of devices that are away, and the claims that let others add them.

import { equal, toHex } from "@nodoor/bytes"
import { WireError, claimKeyPackages, keyPackageDigest, limits, uploadKeyPackages } from "@nodoor/wire"
import { sha256, sha256Of } from "../core/crypto.ts"
import type { Store, StoredPackage } from "../store/store.ts"
import { callerOfAccount } from "../route/caller.ts"
import type { ClaimTokens } from "./claim-token.ts"
import { type Handler, deviceRoute } from "../route/handler.ts"
import type { RateLimit } from "../route/rate-limit.ts"

export interface KeyPackagePorts {
  readonly store: Pick<Store, "uploadKeyPackages" | "keyPackageHashes" | "claimKeyPackages">
  readonly claimTokens: ClaimTokens
  readonly rateLimit: RateLimit
}

export function keyPackageRoutes({ store, claimTokens, rateLimit }: KeyPackagePorts): Handler[] {
  return [
    deviceRoute(uploadKeyPackages, async ({ oneTime, lastResort }, { deviceId }) => {
      const oneTimeCount = await store.uploadKeyPackages({
        deviceId,
        oneTime: oneTime.map(asStored),
        lastResort: lastResort === undefined ? undefined : asStored(lastResort),
        maxOneTime: limits.oneTimeKeyPackages,
      })
      return { oneTimeCount }
    }),

    deviceRoute(keyPackageDigest, async (_, { deviceId }) => {
      const { oneTime, lastResort } = await store.keyPackageHashes({ deviceId })
      return { oneTimeCount: oneTime.length, digest: sha256Of(lastResort === undefined ? oneTime : [...oneTime, lastResort]) }
    }),

    deviceRoute(claimKeyPackages, async ({ accountId, deviceIds }, session) => {
      const caller = callerOfAccount(session)
      rateLimit.take("claim", caller)
      const own = equal(accountId, session.accountId)
      const found = await store.claimKeyPackages({
        accountId,
        deviceIds,
        callerAccountId: session.accountId,
        callerDeviceId: session.deviceId,
        // A call takes at most one package of each device. One account gets only so many and leaves the rest to others.
        lastResortOnly: !own && !rateLimit.allows("claimFrom", `${caller} ${toHex(accountId)}`),
      })
      // The first package is already charged. The number is only known now, so the rest delays the next call.
      if (found.length > 1) rateLimit.charge("claim", caller, found.length - 1)
      return { claims: found.map(({ deviceId, keyPackage }) => ({ deviceId, keyPackage, token: claimTokens.issue(deviceId) })) }
    }),
  ]
}

function asStored(keyPackage: Uint8Array): StoredPackage {
  if (keyPackage.length === 0) throw new WireError("bad_request", "an empty KeyPackage")
  return { hash: sha256(keyPackage), keyPackage }
}
