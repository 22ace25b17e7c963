// What the log has shown before of labels that are looked up again: an answer must follow from it.

import { bytes } from "@nodoor/bytes"
import { type AccountId, type KnownLabel, type LogCrypto, accountLabel, handleLabel, labelKey } from "@nodoor/keylog"
import type { Reader } from "../../store/reader.ts"
import { findAccountCheck } from "../../store/trust/account-checks.ts"
import { findLatestState } from "../../store/trust/account-states.ts"
import { findEndedVersion } from "../../store/trust/ended-accounts.ts"
import { findHandle } from "../../store/trust/handles.ts"

/** What the log has shown before under these labels, and under the accounts that handles among them lead to. */
export async function readKnownLabels(
  crypto: LogCrypto,
  reader: Reader,
  labels: readonly Uint8Array[],
): Promise<ReadonlyMap<string, KnownLabel>> {
  const known = new Map<string, KnownLabel>()
  const addAccount = async (accountId: AccountId): Promise<void> => {
    const ended = await findEndedVersion(reader, accountId)
    if (ended !== undefined) return void known.set(labelKey(accountLabel(accountId)), { kind: "ended", version: ended })
    if (!(await findAccountCheck(reader, accountId))) return
    const account = await findLatestState(crypto, reader, accountId)
    if (account) known.set(labelKey(accountLabel(accountId)), { kind: "account", account })
  }
  for (const label of labels) {
    if (label[0] === 0x01) {
      await addAccount(bytes<"AccountId">(label.slice(1)))
      continue
    }
    if (label[0] !== 0x02) continue
    const handle = String.fromCharCode(...label.subarray(1))
    const stored = await findHandle(reader, handle)
    if (!stored) continue
    known.set(labelKey(handleLabel(handle)), { kind: "handle", version: stored.version, binding: stored.binding })
    await addAccount(stored.accountId)
  }
  return known
}
