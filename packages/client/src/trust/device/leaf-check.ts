// Checks all leaves again within a day, under newer heads. A device that its account no longer lists is removed by the first member to notice. An
// account that has none left in a group by that, because it was brought back on another device, is let in there again by whoever may.

import { toHex } from "@nodoor/bytes"
import { type AccountId, type VerifiedAccountState, findDevice } from "@nodoor/keylog"
import { WireError } from "@nodoor/wire"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import { roleOf } from "../../core/policy.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import type { KeyLog } from "../log/key-log.ts"
import { enqueueAdd, enqueueRevoke } from "../../store/group/outbox-item.ts"
import { findGroup } from "../../store/group/groups.ts"
import { type GroupLeaf, listActiveLeaves, listDeserted } from "../../store/group/account-groups.ts"
import { readerOf } from "../../store/reader.ts"
import { listAccountsToCheck, listAccountsWithoutHandle } from "../../store/trust/account-checks.ts"

export interface LeafParts {
  readonly transactions: Transactions
  readonly keyLog: KeyLog
  readonly trust: {
    latest(accountId: Uint8Array): Promise<VerifiedAccountState | undefined>
    hasEnded(accountId: Uint8Array): Promise<boolean>
    heldUntilMs(accountId: Uint8Array): Promise<number | undefined>
    askAll(accountIds: readonly AccountId[], options?: { readonly claims?: boolean }): Promise<void>
  }
  readonly clock: Clock
  readonly own: OwnDevice
}

/** An account is asked for again when the log has grown and it was not asked for this long, and in any case after a day. */
const afterMs = 3_600_000
const dayMs = 86_400_000 - afterMs
/** Handles the server is asked for in one look: it lets a caller ask for one a second. */
const handlesPerLook = 40

export class LeafCheck {
  readonly #parts: LeafParts
  readonly #kick: (groupId: Uint8Array) => void

  constructor(parts: LeafParts, hooks: { kick(groupId: Uint8Array): void }) {
    this.#parts = parts
    this.#kick = hooks.kick
  }

  /** @throws as `KeyLog.search` */
  async look(): Promise<void> {
    const { transactions, trust, own } = this.#parts
    await trust.askAll(await this.#due(), { claims: false })
    const nameless = await listAccountsWithoutHandle(readerOf(transactions.database), { except: own.accountId, max: handlesPerLook })
    await trust.askAll(nameless, { claims: true }).catch((error: unknown) => {
      // The rest is asked for in the next check.
      if (!(error instanceof WireError && error.code === "rate_limited")) throw error
    })
    await this.removeRevoked()
    await this.#letBackIn()
  }

  /** Has every leaf removed that its account does not list. Who is in a group is in it with other devices, too. */
  async removeRevoked(): Promise<void> {
    const { transactions, trust } = this.#parts
    await transactions.run(async (tx) => {
      const revoked = new Map<string, GroupLeaf>()
      const staying = new Set<string>()
      for (const leaf of await listActiveLeaves(tx)) {
        const { accountId, deviceId } = leaf
        const account = await trust.latest(accountId)
        const listed = !account || findDevice(account.state, deviceId)
        const isHere = listed && !(await trust.hasEnded(accountId))
        if (isHere) staying.add(nameOf(leaf))
        else revoked.set(nameOf(leaf), leaf)
      }
      if (await this.#ownIsRevoked()) return
      const back: GroupLeaf[] = []
      for (const leaf of revoked.values()) if (!staying.has(nameOf(leaf)) && (await this.#mayLetBackIn(tx, leaf))) back.push(leaf)
      for (const leaf of revoked.values()) {
        const { groupId, accountId } = leaf
        await enqueueRevoke(tx, groupId, accountId)
        if (back.includes(leaf)) await enqueueAdd(tx, groupId, accountId)
        tx.after(() => this.#kick(groupId))
      }
    })
  }

  /** Whether the account has devices that may be written to, and this one may add people to the group. */
  async #mayLetBackIn(tx: Transaction, { groupId, accountId }: GroupLeaf): Promise<boolean> {
    const { trust, own } = this.#parts
    const policy = (await findGroup(tx, groupId))?.policy
    if (policy?.kind !== "group" || (policy.rules.add === "admins" && roleOf(policy, own.accountId) !== "admin")) return false
    const account = await trust.latest(accountId)
    if (!account || account.state.devices.length === 0 || (await trust.hasEnded(accountId))) return false
    return (await trust.heldUntilMs(accountId)) === undefined
  }

  /** A person of two whose last device went is let in again as soon as there is one that may be written to, unless they are blocked. */
  async #letBackIn(): Promise<void> {
    const { transactions, trust, own } = this.#parts
    await transactions.run(async (tx) => {
      const back: { readonly groupId: Uint8Array; readonly peer: AccountId }[] = []
      for (const { groupId, peer } of await listDeserted(tx, own.accountId)) {
        const account = await trust.latest(peer)
        if (!account || account.state.devices.length === 0 || (await trust.hasEnded(peer)) || (await trust.heldUntilMs(peer)) !== undefined)
          continue
        back.push({ groupId, peer })
      }
      for (const { groupId, peer } of back) {
        await enqueueAdd(tx, groupId, peer)
        tx.after(() => this.#kick(groupId))
      }
    })
  }

  /** Accounts of active groups that the log was not asked about lately, the longest first. */
  async #due(): Promise<readonly AccountId[]> {
    const { transactions, clock, keyLog, own } = this.#parts
    const nowMs = clock.nowMs()
    return await listAccountsToCheck(readerOf(transactions.database), {
      except: own.accountId,
      beforeMs: nowMs - dayMs,
      staleMs: nowMs - afterMs,
      size: keyLog.stored?.head.size ?? 0,
    })
  }

  async #ownIsRevoked(): Promise<boolean> {
    const { trust, own } = this.#parts
    const account = await trust.latest(own.accountId)
    return account !== undefined && !findDevice(account.state, own.deviceId)
  }
}

function nameOf({ groupId, accountId }: GroupLeaf): string {
  return `${toHex(groupId)}/${toHex(accountId)}`
}
