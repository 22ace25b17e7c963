// GREASE, RFC 9420 §13.5: values that mean nothing, sent so that an implementation which chokes on unknown ones is found early.

import type { Extension } from "../api/api.ts"
import type { Random } from "../provider/provider.ts"

/** One of the fifteen reserved values 0x0A0A, 0x1A1A … 0xEAEA, for cipher suites, extensions, proposals and credentials. */
export function greaseValue(random: Random): number {
  return 0x0a0a + 0x1010 * ((random(1)[0] as number) % 15)
}

/** An extension of that type with one byte of arbitrary data, for leaf nodes (whose capabilities list it), KeyPackages and GroupInfo. */
export function greaseExtension(type: number, random: Random): Extension {
  return { type, data: random(1) }
}
