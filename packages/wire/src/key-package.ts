// KeyPackages: what others need to add a device to a group while it is away (RFC 9420 §10).

import * as v from "valibot"
import { hashBytes, idBytes, limits } from "./limits.ts"
import type { Route } from "./route.ts"
import { boundedBytes, count, fixedBytes, list } from "./schema.ts"

const keyPackage = boundedBytes(limits.keyPackageBytes)

/** Adds one-time KeyPackages (at most 100 are kept) and replaces the last-resort one of the calling device. */
export const uploadKeyPackages: Route<
  { readonly oneTime: readonly Uint8Array[]; readonly lastResort?: Uint8Array | undefined },
  { readonly oneTimeCount: number }
> = {
  path: "/v1/key-packages/upload",
  caller: "device",
  request: v.strictObject({ oneTime: list(keyPackage, limits.oneTimeKeyPackages), lastResort: v.exactOptional(keyPackage) }),
  answer: v.strictObject({ oneTimeCount: count }),
  maxRequestBytes: (limits.oneTimeKeyPackages + 1) * (limits.keyPackageBytes + 8) + 64,
  maxAnswerBytes: 32,
}

/** `digest` = SHA-256 over the ascending SHA-256 hashes of the one-time KeyPackages held, then that of the last-resort one if any: a device compares. */
export const keyPackageDigest: Route<Record<string, never>, { readonly oneTimeCount: number; readonly digest: Uint8Array }> = {
  path: "/v1/key-packages/digest",
  caller: "device",
  request: v.strictObject({}) as never,
  answer: v.strictObject({ oneTimeCount: count, digest: fixedBytes(hashBytes) }),
  maxRequestBytes: 16,
  maxAnswerBytes: 64,
}

export interface Claim {
  /** The device's id, which is also its mailbox. */
  readonly deviceId: Uint8Array
  /** Absent for the calling device itself: it gets a token for its own mailbox and needs no KeyPackage. */
  readonly keyPackage?: Uint8Array | undefined
  /** One use, 24 h: proves to the server that a registered device asked for this mailbox and was within its rate. */
  readonly token: Uint8Array
}
/** One KeyPackage and one claim token per device of the account, `deviceIds` narrowing it. Rate-limited per caller. */
export const claimKeyPackages: Route<
  { readonly accountId: Uint8Array; readonly deviceIds?: readonly Uint8Array[] | undefined },
  { readonly claims: readonly Claim[] }
> = {
  path: "/v1/key-packages/claim",
  caller: "device",
  request: v.strictObject({
    accountId: fixedBytes(idBytes),
    deviceIds: v.exactOptional(list(fixedBytes(idBytes), limits.devicesPerAccount)),
  }),
  answer: v.strictObject({
    claims: list(
      v.strictObject({
        deviceId: fixedBytes(idBytes),
        keyPackage: v.exactOptional(keyPackage),
        token: boundedBytes(limits.claimTokenBytes),
      }),
      limits.devicesPerAccount,
    ),
  }),
  maxRequestBytes: 1024,
  maxAnswerBytes: limits.devicesPerAccount * (limits.keyPackageBytes + 256),
}
