// Whether the person can bring the account back without a device, and whether it is time to ask for it.

import type { Changes } from "../core/changes.ts"
import type { Reader } from "../store/reader.ts"
import { findValue } from "../store/sync/entries.ts"
import { syncKeys } from "../store/sync/sync-entry.ts"
import { hasWritten } from "../store/trust/recovery.ts"
import { decodeRecoveryPasskey } from "../trust/recovery/passkey.ts"
import type { ClientEvent } from "./event.ts"
import type { RecoveryView } from "./recovery-view.ts"

/** Nobody is asked before they have written something: the account is worth nothing to them then. */
export async function readRecovery(reader: Reader): Promise<RecoveryView> {
  const isConfirmed = (await findValue(reader, syncKeys.recoveryConfirmed)) === true
  const passkey = await findValue(reader, syncKeys.recoveryPasskey)
  return {
    status: isConfirmed ? "confirmed" : "unconfirmed",
    remind: !isConfirmed && (await hasWritten(reader)),
    passkey: passkey instanceof Uint8Array && decodeRecoveryPasskey(passkey) !== undefined,
  }
}

/** Says what has changed since it was last asked. */
export class RecoveryEvents {
  readonly #reader: Reader
  #shown: RecoveryView | undefined

  constructor(reader: Reader) {
    this.#reader = reader
  }

  async open(): Promise<void> {
    this.#shown = await readRecovery(this.#reader)
  }

  async changed({ recovery, messages }: Pick<Changes, "recovery" | "messages">): Promise<readonly ClientEvent[]> {
    const before = this.#shown
    // Of messages only the first own one matters, and that one only while nothing is confirmed.
    if (!recovery && !(messages.size > 0 && before?.status === "unconfirmed" && !before.remind)) return []
    const now = await readRecovery(this.#reader)
    this.#shown = now
    const isSame = before?.status === now.status && before.remind === now.remind && before.passkey === now.passkey
    return isSame ? [] : [{ type: "recovery", recovery: now }]
  }
}
