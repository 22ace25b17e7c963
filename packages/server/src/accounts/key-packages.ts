// KeyPackages of devices that are away: kept for those who want to add them. `claims.ts` gives them out.

import { WireError, keyPackageDigest, limits, uploadKeyPackages } from "@nodoor/wire"
import { sha256, sha256Of } from "../core/crypto.ts"
import { type Handler, deviceRoute } from "../route/handler.ts"
import type { Store, StoredPackage } from "./store/store.ts"

export function keyPackageRoutes({ store }: { readonly store: Pick<Store, "uploadKeyPackages" | "keyPackageHashes"> }): Handler[] {
  return [
    deviceRoute(uploadKeyPackages, async ({ oneTime, lastResort, replace = false }, { deviceId }) => {
      const oneTimeCount = await store.uploadKeyPackages({
        deviceId,
        oneTime: oneTime.map(asStored),
        lastResort: lastResort === undefined ? undefined : asStored(lastResort),
        replace,
        maxOneTime: limits.oneTimeKeyPackages,
      })
      return { oneTimeCount }
    }),

    deviceRoute(keyPackageDigest, async (_, { deviceId }) => {
      const { oneTime, lastResort } = await store.keyPackageHashes({ deviceId })
      return { oneTimeCount: oneTime.length, digest: sha256Of(lastResort === undefined ? oneTime : [...oneTime, lastResort]) }
    }),
  ]
}

function asStored(keyPackage: Uint8Array): StoredPackage {
  if (keyPackage.length === 0) throw new WireError("bad_request", "an empty KeyPackage")
  return { hash: sha256(keyPackage), keyPackage }
}
