// Entries of the journal besides posts.

import type { Change } from "../store/delivery-store.ts"
import type { Entry, Group } from "./group.ts"

/** About what an entry holds besides bodies. */
const entryBytes = 200

/** `settle` learns whether it is on disk. */
export class ChangeEntry implements Entry {
  readonly group: Group
  readonly change: Change | undefined
  readonly sizeBytes: number = entryBytes
  readonly #settle: (isWritten: boolean) => void

  constructor(group: Group, change: Change | undefined, settle: (isWritten: boolean) => void) {
    this.group = group
    this.change = change
    this.#settle = settle
  }

  written(): void {
    this.#settle(true)
  }

  failed(): void {
    this.#settle(false)
  }
}
