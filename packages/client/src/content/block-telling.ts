// The device itself drops what comes from somebody who is blocked; the server is told so that it refuses their invitations. It may be away.

import type { AccountId } from "@nodoor/keylog"
import { block } from "@nodoor/wire"
import type { Kernel } from "../core/kernel.ts"

/** Tells the server what it does not know yet of who is blocked. @throws WireError, NetworkError; what is left over waits for the next time */
export async function tellBlocks({ transactions, session }: Pick<Kernel, "transactions" | "session">): Promise<void> {
  const rows = await transactions.database.read("SELECT account_id, blocked FROM contact WHERE block_due = 1", [])
  for (const row of rows) {
    const accountId = row["account_id"] as AccountId
    const blocked = row["blocked"] === 1
    await session.call(block, { accountId, blocked })
    // Whoever changed their mind meanwhile has that told next.
    await transactions.run(async (tx) =>
      tx.write("UPDATE contact SET block_due = 0 WHERE account_id = ? AND blocked = ?", accountId, blocked ? 1 : 0),
    )
  }
}
