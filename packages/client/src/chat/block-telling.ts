// Telling the server who is blocked, so that it refuses their invitations.

import { WireError, block } from "@nodoor/wire"
import { NetworkError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import type { Session } from "../core/session.ts"
import type { Transactions } from "../core/transaction.ts"
import { readerOf } from "../store/reader.ts"
import { blockReported, listBlocksDue } from "../store/trust/contacts.ts"

export interface TellingParts {
  readonly transactions: Pick<Transactions, "run" | "database">
  readonly session: Pick<Session, "call">
}

/** Tells the server about blocks that it does not know yet. @throws WireError, NetworkError: the rest is told next time */
export async function tellBlocks({ transactions, session }: TellingParts): Promise<void> {
  for (const due of await listBlocksDue(readerOf(transactions.database))) {
    await session.call(block, due)
    await transactions.run(async (tx) => blockReported(tx, due))
  }
}

const kind = "blocks"

/** Tells the server as soon as it can be reached. */
export class BlockTelling implements Part {
  readonly #jobs: Pick<Jobs, "register" | "schedule">

  constructor({ jobs, ...parts }: TellingParts & { readonly jobs: Pick<Jobs, "register" | "schedule"> }) {
    this.#jobs = jobs
    const run = async (): Promise<JobEnd> => {
      try {
        await tellBlocks(parts)
      } catch (error) {
        if (error instanceof WireError || error instanceof NetworkError) return "failed"
        throw error
      }
    }
    jobs.register({ kind, whileOnline: true, run })
  }

  online(): void {
    this.#jobs.schedule({ kind, inMs: 0 })
  }

  offline(): void {}

  close(): void {}
}
