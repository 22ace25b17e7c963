// Deleting the own account from this device, and finding out why the server no longer knows this device. Both continue until the key log
// confirms it.

import { KeylogError } from "@nodoor/keylog"
import { WireError } from "@nodoor/wire"
import { ClientError, NetworkError, asClientError } from "../../core/client-error.ts"
import type { JobEnd, Jobs } from "../../core/jobs.ts"
import type { Part } from "../../core/part.ts"
import { accountTexts } from "../../texts/en.ts"
import type { AccountEnd } from "./account-end.ts"
import type { OwnAccount } from "./own-account.ts"

const endKind = "account-end"
const whyKind = "account-why"
const backoff = { firstMs: 3_000, lastMs: 3_600_000 }

export interface AccountDeletionParts {
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
  readonly ending: Pick<AccountEnd, "over" | "signed">
  readonly account: Pick<OwnAccount, "end" | "endAgain" | "lookFromOutside">
}

export class AccountDeletion implements Part {
  readonly #parts: AccountDeletionParts

  constructor(parts: AccountDeletionParts) {
    this.#parts = parts
    parts.jobs.register({ kind: endKind, backoff, run: () => this.#tried(() => parts.account.endAgain()) })
    parts.jobs.register({
      kind: whyKind,
      backoff,
      // The log follows what is stored by a moment: it is asked again although it has answered.
      run: async () => (await this.#tried(() => parts.account.lookFromOutside())) ?? "failed",
    })
  }

  /** @throws ClientError why it is not in the log yet, if it goes on by itself; as `OwnAccount.end` otherwise */
  async delete(): Promise<void> {
    const { ending, account, jobs } = this.#parts
    if (ending.over) return
    try {
      await account.end()
    } catch (error) {
      if (!(await ending.signed())) throw error
      jobs.schedule({ kind: endKind, inMs: backoff.firstMs })
      const failure = asClientError(error)
      const code = failure instanceof ClientError ? failure.code : "unreachable"
      throw new ClientError(code, accountTexts.endPending, { cause: error })
    }
  }

  /** The server refuses this device: the log, asked as anybody may, says whether the account ended. */
  refused(): void {
    this.#parts.jobs.schedule({ kind: whyKind, inMs: 0 })
  }

  /** A deletion that was cut short goes on. */
  online(): void {
    this.#parts.jobs.cancel(whyKind)
    this.#parts.jobs.schedule({ kind: endKind, inMs: 0 })
  }

  offline(): void {}

  close(): void {}

  async #tried(work: () => Promise<unknown>): Promise<JobEnd> {
    try {
      await work()
    } catch (error) {
      const known =
        error instanceof ClientError || error instanceof NetworkError || error instanceof WireError || error instanceof KeylogError
      if (!known) throw error
      return "failed"
    }
  }
}
