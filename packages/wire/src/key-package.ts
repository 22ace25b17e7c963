// KeyPackages: what others need to add a device to a group while it is away (RFC 9420 §10).

import * as v from "valibot"
import { hashBytes, limits } from "./limits.ts"
import type { Route } from "./route.ts"
import { boundedBytes, count, fixedBytes, list } from "./schema.ts"

const keyPackage = boundedBytes(limits.keyPackageBytes)

/** Adds one-time KeyPackages (at most 100 are kept) and replaces the last-resort one of the calling device. `replace`: the ones that are there go. */
export const uploadKeyPackages: Route<
  { readonly oneTime: readonly Uint8Array[]; readonly lastResort?: Uint8Array | undefined; readonly replace?: boolean },
  { readonly oneTimeCount: number }
> = {
  path: "/v1/key-packages/upload",
  caller: "device",
  request: v.strictObject({
    oneTime: list(keyPackage, limits.oneTimeKeyPackages),
    lastResort: v.exactOptional(keyPackage),
    replace: v.exactOptional(v.boolean()),
  }),
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
