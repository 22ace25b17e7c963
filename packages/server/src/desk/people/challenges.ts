// Challenges for passkeys: in memory, for two minutes, each usable once and for one purpose.

import { toBase64Url } from "@nodoor/bytes"
import { operatorLimits } from "@nodoor/wire/operator"
import type { Clock, Random } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Purpose } from "./passkey-proof.ts"

/** Those that nobody has answered yet; the oldest goes when there are more. */
const pendingMax = 1_000

export class Challenges {
  readonly #ports: { readonly clock: Clock; readonly random: Random }
  readonly #pending = new Map<string, { readonly purpose: Purpose; readonly expiresAtMs: number }>()

  constructor(ports: { readonly clock: Clock; readonly random: Random }) {
    this.#ports = ports
  }

  /** 32 bytes: random, or those given. `whose` is asked for again by `take`. */
  make(whose: string, purpose: Purpose, given?: Uint8Array): Uint8Array {
    const { clock, random } = this.#ports
    const challenge = given ?? random(32)
    const now = clock.nowMs()
    for (const [key, { expiresAtMs }] of this.#pending) {
      if (expiresAtMs > now && this.#pending.size < pendingMax) break
      this.#pending.delete(key)
    }
    const key = `${whose} ${toBase64Url(challenge)}`
    this.#pending.delete(key)
    this.#pending.set(key, { purpose, expiresAtMs: now + operatorLimits.challengeMs })
    return challenge
  }

  /** Removes a challenge, whatever the answer turns out to be. @throws ServerError `passkey_refused` if it was not made for this, was used or is too old */
  take(whose: string, challenge: string): Purpose {
    const key = `${whose} ${challenge}`
    const pending = this.#pending.get(key)
    this.#pending.delete(key)
    if (pending === undefined || pending.expiresAtMs <= this.#ports.clock.nowMs())
      throw new ServerError("passkey_refused", "The passkey's answer is too late, already used, or for something else. Start again.")
    return pending.purpose
  }
}
