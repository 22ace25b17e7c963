// The end of the own account on this device: a last version without devices (docs/transparency.md, "Account chain"). It is stored before it
// leaves, so that after a crash the same one is sent again until the log shows it. Then nothing is left here that could send or receive.
// Messages stay readable until the person erases the store.

import { equal } from "@nodoor/bytes"
import { type VerifiedAccountState, signAccountState } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import { accountTexts } from "../../texts/en.ts"
import { eraseEndedAccount } from "../../store/trust/own-account-end.ts"
import { listAllGroups } from "../../store/group/account-groups.ts"
import { readerOf } from "../../store/reader.ts"
import { deleteSignedEnd, findSignedEnd, saveSignedEnd } from "../../store/trust/own-account.ts"

/** How the own account ends on this device. */
export interface Ending {
  /** The last version, if this device has signed one. */
  signed(): Promise<Uint8Array | undefined>
  /** Signs the version that ends the account after `base`, and stores it. */
  sign(base: VerifiedAccountState): Promise<Uint8Array>
  /** The stored version can no longer become the last one. */
  forget(): Promise<void>
  /** Whether that is what this device has signed. */
  isOwn(tombstone: VerifiedAccountState): Promise<boolean>
  /** The log shows the end. */
  take(tx: Transaction): Promise<void>
}

export interface AccountEndParts {
  readonly transactions: Transactions
  /** Forgets the state of a group. */
  readonly states: { erase(tx: Transaction, groupId: Uint8Array): void }
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
    return await findSignedEnd(readerOf(this.#parts.transactions.database))
  }

  /** Ed25519 signatures are deterministic (RFC 8032): after the same version it is the same tombstone, byte for byte. */
  async sign(base: VerifiedAccountState): Promise<Uint8Array> {
    const { own, crypto, transactions } = this.#parts
    const { state, stateHash } = base
    const tombstone = signAccountState(crypto, {
      state: { ...state, version: state.version + 1, prev: stateHash, kind: "tombstone", recoveryKey: undefined, devices: [] },
      signers: [{ deviceId: own.deviceId, privateKey: own.signer.privateKey }],
    })
    await transactions.run(async (tx) => saveSignedEnd(tx, tombstone))
    return tombstone
  }

  async forget(): Promise<void> {
    await this.#parts.transactions.run(async (tx) => deleteSignedEnd(tx))
  }

  async take(tx: Transaction): Promise<void> {
    if (this.#over) return
    const groups = await listAllGroups(tx)
    for (const { groupId } of groups) this.#parts.states.erase(tx, groupId)
    eraseEndedAccount(tx, groups, { code: "account_deleted", message: accountTexts.notSent })
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
