// How a stream opens: with a token, which buys a pass, or with a pass.

import type { Clock } from "../../core/ports.ts"
import { hourOf } from "../log/log-parts.ts"
import type { Pass, PassKind, Passes } from "../pass/passes.ts"
import type { TokenCheck } from "../pass/token.ts"
import type { DeliveryStore } from "../store/delivery-store.ts"
import type { DeliveryCode, OpenItem } from "@nodoor/wire/delivery"

export interface AdmissionPorts {
  readonly store: Pick<DeliveryStore, "spendToken">
  readonly clock: Clock
  readonly passes: Passes
  readonly tokens: TokenCheck
}

export type Admitted = { readonly pass: Pass } | { readonly refused: DeliveryCode }

export class Admission {
  readonly #ports: AdmissionPorts

  constructor(ports: AdmissionPorts) {
    this.#ports = ports
  }

  /** Answers at once for a pass: what follows it in the same frame need not wait. */
  open(item: OpenItem, kind: PassKind): Admitted | Promise<Admitted> {
    const { passes, clock } = this.#ports
    if (item.with === "token") return this.#redeem(item.data, kind)
    const pass = passes.check(item.data, kind, hourOf(clock.nowMs()))
    return pass === undefined ? { refused: "pass_invalid" } : { pass }
  }

  async #redeem(token: Uint8Array, kind: PassKind): Promise<Admitted> {
    const { tokens, store, clock, passes } = this.#ports
    const nowMs = clock.nowMs()
    try {
      const valid = await tokens.check(token, nowMs)
      if (valid === undefined) return { refused: "token_invalid" }
      const fresh = await store.spendToken({ tokenHash: valid.hash, keyEpoch: valid.keyEpoch })
      return fresh ? { pass: passes.issue(kind, hourOf(nowMs)) } : { refused: "token_spent" }
    } catch {
      return { refused: "unavailable" }
    }
  }
}
