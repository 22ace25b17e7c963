// Looks up the accounts that the records of one group need: many with one search, each once. A sample of those that are missing is looked up
// a few more times. What a record costs is bounded by how many people it names, however often it is tried.

import { equal, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { WireError } from "@nodoor/wire"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { pause } from "../../core/pause.ts"
import type { Timers } from "../../core/ports.ts"
import type { IdentifiedMember } from "./identified-member.ts"
import type { Undecided } from "./undecided.ts"
import type { Lookups } from "./leaf-judgement.ts"

/** Parts of a server may learn of an account at different moments, so a missing one is looked up again this often, this far apart. */
const missesAllowed = 2
const missPauseMs = 700
/** If these are still missing, the others need not be asked for again. */
const sample = 8

/** Nothing was looked up yet. */
export const noLookups: Lookups = { asked: new Set(), final: new Set() }

export interface BatchParts {
  readonly own: Pick<OwnDevice, "accountId">
  readonly timers: Timers
  readonly trust: {
    askAll(accountIds: readonly AccountId[]): Promise<void>
    learnRemoval(member: IdentifiedMember): Promise<unknown>
  }
  readonly watch: { readonly account: { look(): Promise<unknown> } }
}

export class LookupBatch implements Lookups {
  readonly asked: Set<string> = new Set()
  readonly final: Set<string> = new Set()
  readonly #parts: BatchParts
  #misses = 0

  constructor(parts: BatchParts) {
    this.#parts = parts
  }

  /** Asks for what a record waits for. False when the log could not be asked, or nothing that is left to ask would help. */
  async answer({ accounts, removals }: Undecided): Promise<boolean> {
    const unasked = accounts.filter((accountId) => !this.asked.has(toHex(accountId)))
    const waited = accounts.filter((accountId) => !this.final.has(toHex(accountId)))
    if (unasked.length === 0 && waited.length === 0) return false
    if (unasked.length === 0 && this.#misses++ >= missesAllowed) {
      for (const accountId of accounts) this.final.add(toHex(accountId))
      return true
    }
    if (unasked.length === 0) await pause(this.#parts.timers, missPauseMs)
    try {
      await this.#ask(unasked.length > 0 ? unasked : waited.slice(0, sample))
      for (const member of removals) await this.#parts.trust.learnRemoval(member)
    } catch (error) {
      if (error instanceof WireError || error instanceof ClientError || error instanceof NetworkError) return false
      throw error
    }
    for (const accountId of unasked) this.asked.add(toHex(accountId))
    return true
  }

  async #ask(accounts: readonly AccountId[]): Promise<void> {
    const { own, trust, watch } = this.#parts
    const others = accounts.filter((accountId) => !equal(accountId, own.accountId))
    if (others.length > 0) await trust.askAll(others)
    if (others.length < accounts.length) await watch.account.look()
  }
}
