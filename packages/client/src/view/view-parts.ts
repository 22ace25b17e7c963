// What the queries of this folder are made with.

import { toHex } from "@nodoor/bytes"
import { type VerifiedAccountState, decodeVerifiedAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import type { Hex } from "../core/hex.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { type Policy, decodePolicy } from "../core/policy.ts"
import type { Clock, Row, SqlValue } from "../core/ports.ts"
import type { Reader } from "../store/reader.ts"
import type { Trust } from "../trust/trust.ts"

export interface ViewParts {
  readonly reader: Reader
  readonly own: Pick<OwnDevice, "accountId" | "deviceId" | "handle" | "origin">
  readonly trust: Pick<Trust, "hasEnded" | "heldUntilMs">
  readonly decoded: Decoded
  readonly clock: Clock
}

/** What was read from a row once is not read again while its version is the same. */
export class Decoded {
  readonly #crypto: Pick<CryptoProvider, "sha256">
  readonly #accounts = new Map<Hex, { readonly version: number; readonly state: VerifiedAccountState }>()
  readonly #policies = new Map<Hex, { readonly epoch: number; readonly policy: Policy }>()

  constructor(crypto: Pick<CryptoProvider, "sha256">) {
    this.#crypto = crypto
  }

  account(accountId: Uint8Array, version: SqlValue | undefined, stored: SqlValue | undefined): VerifiedAccountState | undefined {
    if (typeof version !== "number" || !(stored instanceof Uint8Array)) return undefined
    const id = toHex(accountId)
    const known = this.#accounts.get(id)
    if (known?.version === version) return known.state
    const state = decodeVerifiedAccountState(this.#crypto as CryptoProvider, stored)
    this.#accounts.set(id, { version, state })
    return state
  }

  /** A group has one policy per epoch. */
  policy(groupId: Uint8Array, epoch: SqlValue | undefined, stored: SqlValue | undefined): Policy | undefined {
    if (typeof epoch !== "number" || !(stored instanceof Uint8Array)) return undefined
    const id = toHex(groupId)
    const known = this.#policies.get(id)
    if (known?.epoch === epoch) return known.policy
    const policy = decodePolicy(stored)
    this.#policies.set(id, { epoch, policy })
    return policy
  }
}

export function blob(row: Row, column: string): Uint8Array | undefined {
  const value = row[column]
  return value instanceof Uint8Array ? value : undefined
}

/** Ids for `IN (SELECT unhex(value) FROM json_each(?))`. */
export function idList(ids: Iterable<Uint8Array>): string {
  return JSON.stringify(Array.from(ids, toHex))
}
