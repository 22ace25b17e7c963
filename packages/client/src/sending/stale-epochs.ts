// Remembers epochs that the server called stale. Nothing is posted in them until the commit that ended them is applied.

import { toHex } from "@nodoor/bytes"
import type { GroupRow } from "../store/group/groups.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"

export class StaleEpochs {
  readonly #epochs = new Map<string, number>()

  note(group: GroupRow, item: OutboxItem): void {
    if (item.epoch === undefined || item.epoch >= group.epoch) this.#epochs.set(toHex(group.groupId), group.epoch)
  }

  isStale(group: GroupRow): boolean {
    return this.#epochs.get(toHex(group.groupId)) === group.epoch
  }
}
