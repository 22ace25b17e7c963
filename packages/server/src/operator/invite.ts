// Invite codes: 80 random bits in letters that are hard to mistake for one another.

import { toUtf8 } from "@nodoor/bytes"
import { sha256 } from "../core/crypto.ts"
import type { Clock, Random } from "../core/ports.ts"
import type { Store } from "../accounts/store/store.ts"

/** Crockford's base 32: no i, l, o, u. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
const codeLetters = 16

export interface NewInvites {
  readonly count: number
  readonly days: number
  /** How often each code can be used. */
  readonly uses: number
  readonly label: string
  /** Drops earlier codes of the same label. */
  readonly only: boolean
}

/** Makes codes. The database keeps their hashes: what is returned here is the only copy. */
export async function createInvites(
  ports: { readonly store: Pick<Store, "addInvites">; readonly clock: Clock; readonly random: Random },
  { count, days, uses, label, only }: NewInvites,
): Promise<string[]> {
  const codes = Array.from({ length: count }, () => Array.from(ports.random(codeLetters), (byte) => alphabet[byte % 32]).join(""))
  const expiresAtMs = ports.clock.nowMs() + days * 86_400_000
  await ports.store.addInvites({ label, only, codeHashes: codes.map((code) => sha256(toUtf8(code))), uses, expiresAtMs })
  return codes
}
