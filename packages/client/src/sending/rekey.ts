// Tells the delivery service of this device's own key for its seat, once the group knows it. From then on nobody else can read, acknowledge or
// commit there. Nothing else of the group is sent before.

import type { Random } from "@nodoor/mls"
import { type DeliveryCode, DeliveryRefusal } from "@nodoor/wire/delivery"
import type { Clock } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import type { GroupStates } from "../group/group-states.ts"
import { numberedRequest, rekeyRequest, storedRequest } from "../group/seat/posting-request.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { deleteItem, setPrepared } from "../store/group/outbox.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { type OwnSeat, findOwnSeat, setSeatRekeyed } from "../store/group/seats.ts"
import { raiseAlarmOnce } from "../store/trust/alarms.ts"
import { sendingTexts } from "../texts/en.ts"
import type { Failures } from "./failures.ts"
import type { Next, OutgoingKind, Waits } from "./outgoing-kind.ts"
import type { Posting } from "./posting.ts"

export interface RekeyParts {
  readonly clock: Clock
  readonly random: Random
  readonly states: Pick<GroupStates, "environment">
  readonly transactions: Transactions
  readonly posting: Pick<Posting, "rekey">
  /** This device reads with another secret from now on. */
  seatsChanged(): void
}

/** Somebody else holds the seat's key at the service: whoever added this device has handed the seat on. */
const taken: readonly DeliveryCode[] = ["invalid_signature", "rekey_stale", "seat_unknown"]

export class Rekey implements OutgoingKind {
  readonly waits: Waits = { forRemovals: false, forStops: false, forOwnCopy: true }
  readonly #parts: RekeyParts
  readonly #failures: Failures

  constructor(parts: RekeyParts, failures: Failures) {
    this.#parts = parts
    this.#failures = failures
  }

  async prepare({ groupId, epoch }: GroupRow, item: OutboxItem): Promise<void> {
    const { states, transactions } = this.#parts
    await transactions.run(async (tx) => {
      const own = await findOwnSeat(tx, groupId)
      if (!isChanging(own)) return deleteItem(tx, item)
      const request = storedRequest(rekeyRequest(states.environment(), own))
      setPrepared(tx, item, { request, epoch, bodyHash: undefined })
    })
  }

  async post(request: Uint8Array): Promise<void> {
    const item = numberedRequest(request, 0)
    if (item.type !== "rekey") throw new TypeError("not a re-keying")
    await this.#parts.posting.rekey(item)
  }

  placed(tx: Transaction, { groupId }: GroupRow, item: OutboxItem): void {
    const sent = item.request && numberedRequest(item.request, 0)
    if (sent?.type === "rekey") setSeatRekeyed(tx, { groupId, seat: sent.seat, n: sent.n })
    deleteItem(tx, item)
    tx.after(() => this.#parts.seatsChanged())
  }

  async failed(group: GroupRow, item: OutboxItem, error: unknown): Promise<Next> {
    if (error instanceof DeliveryRefusal && taken.includes(error.code)) {
      await this.#parts.transactions.run((tx) => this.#giveUp(tx, group, item))
      return { status: "more" }
    }
    return await this.#failures.usual(group, item, error, { giveUp: (tx) => this.#giveUp(tx, group, item) })
  }

  async #giveUp(tx: Transaction, { chatId }: GroupRow, item: OutboxItem): Promise<void> {
    const { random, clock } = this.#parts
    deleteItem(tx, item)
    await raiseAlarmOnce(tx, random, { level: "red", code: "seat_not_ours", text: sendingTexts.seatNotOurs, chatId, atMs: clock.nowMs() })
  }
}

function isChanging(own: OwnSeat | undefined): own is OwnSeat & { readonly nextSecret: Uint8Array } {
  return own?.nextSecret !== undefined
}
