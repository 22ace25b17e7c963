// Settings of the person that all their devices share, and that mean nothing to the library: texts by name.

import { ClientError } from "../core/client-error.ts"
import { textLimits } from "../core/text-limits.ts"
import type { Transactions } from "../core/transaction.ts"
import { type SyncNotes, syncKeys } from "../store/sync/sync-entry.ts"
import { settingTexts } from "../texts/en.ts"

export interface SettingParts {
  readonly transactions: Pick<Transactions, "run">
  readonly sync: SyncNotes
}

/** @throws ClientError `invalid_input` */
export async function setSetting({ transactions, sync }: SettingParts, name: string, value: string): Promise<void> {
  if (!/^[a-z][a-z-]{0,31}$/.test(name) || !value.isWellFormed() || value.length > textLimits.settingCharacters)
    throw new ClientError("invalid_input", settingTexts.invalid)
  await transactions.run(async (tx) => {
    await sync.synced(tx, syncKeys.setting(name), value)
    tx.settingsChanged()
  })
}
