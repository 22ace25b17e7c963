// The end of the own account on this device: a last version without devices (docs/transparency.md, "Account chain"). It is stored before it
// leaves, so that whatever crashes, the same one is sent again until the log shows it. Then nothing is left here that could send or
// receive; what people wrote stays readable until they erase the store.

import { equal } from "@nodoor/bytes"
import { type VerifiedAccountState, signAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import type { GroupStates } from "../../group/group-states.ts"
import { failOutbox } from "../../store/group/outbox-failure.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Ending } from "./own-account.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { accountTexts } from "../../texts/en.ts"

export interface AccountEndParts {
  readonly transactions: Transactions
  readonly states: GroupStates
  readonly crypto: CryptoProvider
  readonly own: OwnDevice
}

export class AccountEnd implements Ending {
  readonly #parts: AccountEndParts
  readonly #ended: () => void
  #over: boolean

  /** `ended` is called once, when the account's end is on disk. */
  constructor(parts: AccountEndParts, hooks: { ended(): void }) {
    this.#parts = parts
    this.#ended = hooks.ended
    this.#over = parts.own.status === "ended"
  }

  get over(): boolean {
    return this.#over
  }

  async signed(): Promise<Uint8Array | undefined> {
    const [row] = await this.#parts.transactions.database.read("SELECT state FROM account_end WHERE id = 1")
    return row?.["state"] as Uint8Array | undefined
  }

  /** Ed25519 signatures are deterministic (RFC 8032): after the same version it is the same tombstone, byte for byte. */
  async sign(base: VerifiedAccountState): Promise<Uint8Array> {
    const { own, crypto, transactions } = this.#parts
    const { state, stateHash } = base
    const tombstone = signAccountState(crypto, {
      state: { ...state, version: state.version + 1, prev: stateHash, kind: "tombstone", recoveryKey: undefined, devices: [] },
      signers: [{ deviceId: own.deviceId, privateKey: own.signer.privateKey }],
    })
    await transactions.run(async (tx) => tx.write("INSERT OR REPLACE INTO account_end (id, state) VALUES (1, ?)", tombstone))
    return tombstone
  }

  async forget(): Promise<void> {
    await this.#parts.transactions.run(async (tx) => tx.write("DELETE FROM account_end"))
  }

  async take(tx: Transaction): Promise<void> {
    if (this.#over) return
    const groups = await tx.read("SELECT group_id, chat_id FROM mls_group")
    for (const row of groups) {
      const group = { groupId: row["group_id"] as Uint8Array, chatId: row["chat_id"] as Uint8Array }
      failOutbox(tx, group, { code: "account_deleted", message: accountTexts.notSent })
      this.#parts.states.erase(tx, group.groupId)
    }
    for (const table of ["outbox", "own_body", "inbox", "receipt_due", "key_package", "mls_record"]) tx.write(`DELETE FROM ${table}`)
    tx.write("UPDATE mls_group SET status = 'left', proposals = 0, profile_due = 0")
    tx.write("UPDATE chat SET state = 'left', draft = ''")
    tx.write(
      "UPDATE device SET status = 'ended', registration = NULL, signature_seed = zeroblob(0), recovery_seed = NULL, recovery_update = NULL",
    )
    tx.after(() => {
      if (this.#over) return
      this.#over = true
      this.#ended()
    })
  }

  /** Whether the tombstone in the log is the one that was signed here. */
  async isOwn(tombstone: VerifiedAccountState): Promise<boolean> {
    const signed = await this.signed()
    return signed !== undefined && equal(signed, tombstone.signed)
  }
}
