// Claims: KeyPackages of devices that are to be added to a group, and the addresses at which those devices are introduced to it. Asked for
// with a token and without a session: the account service does not learn who asks.

import * as v from "valibot"
import { type ErrorCode, errorCodes } from "./errors.ts"
import { idBytes, limits } from "./limits.ts"
import type { Route } from "./route.ts"
import { type Schema, boundedBytes, fixedBytes, list } from "./schema.ts"
import { tokenBytes } from "./token.ts"

/** Random, bytes. */
export const introductionAddressBytes = 32

export interface ClaimedAccount {
  readonly accountId: Uint8Array
  /** Only these devices of it. */
  readonly deviceIds?: readonly Uint8Array[] | undefined
}
export interface DeviceClaim {
  readonly accountId: Uint8Array
  readonly deviceId: Uint8Array
  readonly keyPackage: Uint8Array
  /** Where this device can be introduced once, within 14 days. */
  readonly address: Uint8Array
}
export interface RefusedClaim {
  readonly accountId: Uint8Array
  readonly code: ErrorCode
}

const accountId = fixedBytes(idBytes)

/** One token pays for one request. An account of which nothing can be claimed is among `refused` and stops nothing. */
export const claimDevices: Route<
  { readonly token: Uint8Array; readonly accounts: readonly ClaimedAccount[] },
  { readonly claims: readonly DeviceClaim[]; readonly refused: readonly RefusedClaim[] }
> = {
  path: "/v1/claim",
  caller: "nobody",
  request: v.strictObject({
    token: fixedBytes(tokenBytes),
    accounts: list(
      v.strictObject({ accountId, deviceIds: v.exactOptional(list(fixedBytes(idBytes), limits.devicesPerAccount)) }),
      limits.accountsPerClaim,
    ),
  }),
  answer: v.strictObject({
    claims: list(
      v.strictObject({
        accountId,
        deviceId: fixedBytes(idBytes),
        keyPackage: boundedBytes(limits.keyPackageBytes),
        address: fixedBytes(introductionAddressBytes),
      }),
      limits.accountsPerClaim * limits.devicesPerAccount,
    ),
    refused: list(
      v.strictObject({ accountId, code: v.picklist(Object.keys(errorCodes) as ErrorCode[]) as Schema<ErrorCode> }),
      limits.accountsPerClaim,
    ),
  }),
  maxRequestBytes: 1_024 + limits.accountsPerClaim * (limits.devicesPerAccount + 2) * 20,
  maxAnswerBytes: limits.accountsPerClaim * limits.devicesPerAccount * (limits.keyPackageBytes + 128),
}
