// Codes that prove that an e-mail address is read by the person who registers. In memory only: a restart asks for a new one.

import { equal, toHex, toUtf8 } from "@nodoor/bytes"
import { WireError, limits } from "@nodoor/wire"
import { sha256 } from "../core/crypto.ts"
import type { Clock, Random } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"

export interface EmailCodes {
  /** A fresh code of 8 digits for the address; an earlier one is void. */
  issue(email: string): string
  /**
   * Accepts the code for this account, as often as the account asks: the answer to a registration can get lost.
   * @throws WireError `email_code_invalid` for a wrong, old or too often tried code, or one that another account used
   */
  check(email: string, code: string, accountId: Uint8Array): void
}

interface Issued {
  readonly codeHash: Uint8Array
  readonly expiresAtMs: number
  attemptsLeft: number
  usedBy: Uint8Array | undefined
}

/** Codes remembered; beyond, the oldest are void. */
const issuedMax = 10_000

export function createEmailCodes({ clock, random }: { readonly clock: Clock; readonly random: Random }): EmailCodes {
  const issued = new RecentMap<Issued>(issuedMax)
  const nameOf = (email: string): string => toHex(sha256(toUtf8(email.toLowerCase())))
  const hashOf = (email: string, code: string): Uint8Array => sha256(toUtf8(`${email.toLowerCase()}\0${code}`))
  return {
    issue: (email) => {
      const code = eightDigits(random)
      const name = nameOf(email)
      const expiresAtMs = clock.nowMs() + limits.emailCodeMs
      issued.set(name, { codeHash: hashOf(email, code), expiresAtMs, attemptsLeft: limits.emailCodeAttempts, usedBy: undefined })
      return code
    },
    check: (email, code, accountId) => {
      const entry = issued.get(nameOf(email))
      if (entry === undefined || entry.expiresAtMs <= clock.nowMs() || entry.attemptsLeft === 0) throw new WireError("email_code_invalid")
      entry.attemptsLeft--
      if (!equal(entry.codeHash, hashOf(email, code))) throw new WireError("email_code_invalid")
      entry.attemptsLeft++
      if (entry.usedBy !== undefined && !equal(entry.usedBy, accountId)) throw new WireError("email_code_invalid")
      entry.usedBy = accountId
    },
  }
}

/** Uniform over 00000000–99999999: values above the largest multiple are drawn again. */
function eightDigits(random: Random): string {
  for (;;) {
    const value = new DataView(random(4).slice().buffer).getUint32(0)
    if (value < 4_200_000_000) return String(value % 100_000_000).padStart(8, "0")
  }
}
