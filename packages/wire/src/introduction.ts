// Introductions: how a device that was added to a group learns of it. They are sealed to the KeyPackage that was claimed, all of one size, and
// left at the address that came with it.

import * as v from "valibot"
import { introductionAddressBytes } from "./claim.ts"
import { idBytes, limits } from "./limits.ts"
import type { Route } from "./route.ts"
import { count, fixedBytes, list } from "./schema.ts"

/** A sealed introduction, bytes: KeyPackageRef[32] ‖ KEM output[1120] ‖ ciphertext. */
export const introductionBytes = 4_096

/** Each address takes one introduction. The same again is no error; `unknown` are addresses that never were, are used, or are over. */
export const introduce: Route<
  { readonly introductions: readonly { readonly address: Uint8Array; readonly sealed: Uint8Array }[] },
  { readonly unknown: readonly Uint8Array[] }
> = {
  path: "/v1/introduction/send",
  caller: "nobody",
  request: v.strictObject({
    introductions: list(
      v.strictObject({ address: fixedBytes(introductionAddressBytes), sealed: fixedBytes(introductionBytes) }),
      limits.introductionsPerRequest,
    ),
  }),
  answer: v.strictObject({ unknown: list(fixedBytes(introductionAddressBytes), limits.introductionsPerRequest) }),
  maxRequestBytes: limits.introductionsPerRequest * (introductionBytes + 128),
  maxAnswerBytes: limits.introductionsPerRequest * 40 + 64,
}

/** Erases those of `done`, then gives what waits for the calling device, within `waitMs` if nothing does now. */
export const takeIntroductions: Route<
  { readonly waitMs: number; readonly done: readonly Uint8Array[] },
  { readonly introductions: readonly { readonly id: Uint8Array; readonly sealed: Uint8Array }[] }
> = {
  path: "/v1/introduction/take",
  caller: "device",
  request: v.strictObject({ waitMs: count, done: list(fixedBytes(idBytes), limits.introductionsPerRequest) }),
  answer: v.strictObject({
    introductions: list(v.strictObject({ id: fixedBytes(idBytes), sealed: fixedBytes(introductionBytes) }), limits.introductionsPerAnswer),
  }),
  maxRequestBytes: limits.introductionsPerRequest * 20 + 64,
  maxAnswerBytes: limits.introductionsPerAnswer * (introductionBytes + 64) + 64,
}
