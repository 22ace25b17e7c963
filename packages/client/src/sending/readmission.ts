// Lets members in again who asked for it: one commit that replaces their leaves. Each device must be listed by its account now, as the key log says.

import { CodecError, equal } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { WireError } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type ClaimTrust, type ClaimedDevice } from "../group/commit/claimed-devices.ts"
import type { GroupStates } from "../group/group-states.ts"
import { decodeRejoin, signedKeyPackage } from "../group/rejoin/rejoin-request.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { findMember } from "../store/group/members.ts"
import { deleteItem, setPlaced } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { type KeptRequest, deleteRequest, listRequests } from "../store/rejoin/rejoin-requests.ts"
import { findSeatLeaf } from "../store/group/seats.ts"
import { readerOf } from "../store/reader.ts"
import type { Trust } from "../trust/trust.ts"
import type { CommitRequests } from "./commit-request.ts"
import { type Failures, untilItsCopyDecides } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"

/** Leaves in one commit. The others are replaced by the next one. */
const together = 32
/** An account that was looked up a moment ago is not asked about again. */
const freshForMs = 60_000

export interface ReadmissionParts {
  readonly transactions: Transactions
  readonly states: Pick<GroupStates, "environment">
  readonly trust: ClaimTrust & Pick<Trust, "isRecent" | "refresh" | "heldUntilMs">
  readonly watch: { ownIsLogged(): Promise<void> }
}

export class Readmission implements OutgoingKind {
  /** The commit itself removes members that must be removed. */
  readonly waits: Waits = { forRemovals: false, forStops: true, forOwnCopy: true }
  readonly letsOthersIn = true
  readonly #parts: ReadmissionParts
  readonly #commits: CommitRequests
  readonly #failures: Failures

  constructor(parts: ReadmissionParts, commits: CommitRequests, failures: Failures) {
    this.#parts = parts
    this.#commits = commits
    this.#failures = failures
  }

  async prepare(group: GroupRow, item: OutboxItem): Promise<void> {
    const { transactions, watch } = this.#parts
    // Who is let in looks this device up in the key log, so it must be there first.
    await watch.ownIsLogged()
    const claims: ClaimedDevice[] = []
    for (const request of await listRequests(readerOf(transactions.database), group.groupId, together)) {
      const claim = await this.#claimOf(group, request)
      if (claim) claims.push(claim)
    }
    // What cannot be done now may be later: an account may not be in the log yet as its device is.
    if (claims.length === 0) return await transactions.run(async (tx) => deleteItem(tx, item))
    await this.#commits.prepare(group, item, { claims })
  }

  async post(request: Uint8Array): Promise<void> {
    await this.#commits.post(request)
  }

  placed(tx: Transaction, _: GroupRow, item: OutboxItem): void {
    setPlaced(tx, item)
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    return await this.#failures.usual(group, item, error, {
      // Nobody is told: whoever asked asks again.
      giveUp: async (tx) => {
        deleteItem(tx, item)
        for (const { seat } of await listRequests(tx, group.groupId, together)) deleteRequest(tx, group.groupId, seat)
      },
      stale: untilItsCopyDecides,
    })
  }

  /** Undefined for what cannot be done. @throws when the log cannot be asked now */
  async #claimOf({ groupId, policy }: GroupRow, { seat, epoch, content }: KeptRequest): Promise<ClaimedDevice | undefined> {
    const { transactions, states, trust } = this.#parts
    const reader = readerOf(transactions.database)
    const leafIndex = await findSeatLeaf(reader, groupId, seat)
    const leaf = leafIndex === undefined ? undefined : await findMember(reader, groupId, leafIndex)
    if (!leaf) return undefined
    const { accountId } = leaf
    try {
      const { keyPackage, keys, signature, deviceId } = decodeRejoin(content)
      const verified = signedKeyPackage(states.environment(), { groupId, seat, epoch }, { keyPackage, keys, signature, deviceId })
      if (!verified) return undefined
      const isListed = (): Promise<boolean> => this.#isListed(accountId, deviceId, verified.member.signatureKey)
      // The account may have been brought back by its recovery key since it was looked up.
      if (!(await trust.isRecent(accountId, freshForMs)) || !(await isListed())) await trust.refresh({ accountId })
      const verifiedCounts = policy.kind !== "group"
      if ((await trust.heldUntilMs(accountId, { verifiedCounts })) !== undefined || !(await isListed())) return undefined
      return { accountId, deviceId, keyPackage, viaGroup: groupId, asked: { seat, epoch, keys, signature } }
    } catch (error) {
      if (error instanceof CodecError) return undefined
      if (error instanceof WireError && (error.code === "account_not_found" || error.code === "account_unavailable")) return undefined
      if (error instanceof ClientError && error.code !== "log_unavailable" && error.code !== "log_untrusted") return undefined
      throw error
    }
  }

  async #isListed(accountId: AccountId, deviceId: Uint8Array, signatureKey: Uint8Array): Promise<boolean> {
    const account = await this.#parts.trust.latest(accountId)
    const device = account?.state.devices.find((each) => equal(each.deviceId, deviceId))
    return device !== undefined && equal(device.signatureKey, signatureKey) && !(await this.#parts.trust.hasEnded(accountId))
  }
}
