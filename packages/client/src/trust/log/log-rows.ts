// What the store holds of the key log, as typed values. Every write is part of the turn that learned it.

import type {
  AccountId,
  HeadState,
  KnownLabel,
  LearnedIndex,
  LogCrypto,
  TreeHead,
  VerifiedAccountState,
  WitnessStatement,
} from "@nodoor/keylog"
import { accountLabel, decodeHeadState, decodeVerifiedAccountState, encodeHeadState, handleLabel, labelKey } from "@nodoor/keylog"
import { bytes } from "@nodoor/bytes"
import type { Reader } from "../../store/reader.ts"
import type { Transaction } from "../../core/transaction.ts"
import { readEnded } from "../contact/ended-account.ts"

export interface StoredLog {
  readonly config: Uint8Array
  readonly head: HeadState
  readonly witnesses: readonly string[]
  readonly auditors: readonly string[]
  readonly tier: "solo" | "witnessed"
  readonly checkedMs: number
}

/** A head that was shown to somebody; with the log's note, if it came with it. */
export interface HeardHead extends TreeHead {
  readonly note?: Uint8Array | undefined
}

/** How the log last showed an account. */
export interface AccountCheck {
  readonly checkedMs: number
  readonly size: number
  /** Version of the hard reset whose devices are or were held. */
  readonly resetVersion: number | undefined
  readonly heldUntilMs: number | undefined
  readonly heldExact: boolean
}

/** Proven heads kept to answer gossip without asking again. */
const keptHeads = 256

export async function readStoredLog(reader: Reader): Promise<StoredLog | undefined> {
  const [row] = await reader.read("SELECT * FROM key_log WHERE id = 1")
  return (
    row && {
      config: row["config"] as Uint8Array,
      head: decodeHeadState(row["head"] as Uint8Array),
      witnesses: JSON.parse(String(row["witnesses"])) as string[],
      auditors: JSON.parse(String(row["auditors"])) as string[],
      tier: row["tier"] === "witnessed" ? "witnessed" : "solo",
      checkedMs: Number(row["checked_ms"]),
    }
  )
}

export function writeStoredLog(
  tx: Transaction,
  log: {
    readonly config: Uint8Array
    readonly head: HeadState
    readonly statement: WitnessStatement
    readonly learned: readonly LearnedIndex[]
    readonly nowMs: number
  },
): StoredLog {
  const { config, head, statement, nowMs } = log
  const witnesses = statement.witnesses.map(({ key }) => key.name)
  const auditors = statement.auditors.map(({ key }) => key.name)
  tx.write(
    "INSERT OR REPLACE INTO key_log (id, config, head, witnesses, auditors, tier, checked_ms) VALUES (1, ?, ?, ?, ?, ?, ?)",
    config,
    encodeHeadState(head),
    JSON.stringify(witnesses),
    JSON.stringify(auditors),
    statement.tier,
    nowMs,
  )
  noteAncestor(tx, { size: head.size, root: head.root, note: head.note })
  tx.write("DELETE FROM log_head WHERE size <= (SELECT size FROM log_head ORDER BY size DESC LIMIT 1 OFFSET ?)", keptHeads)
  for (const { label, version, index } of log.learned)
    tx.write("INSERT OR IGNORE INTO log_index (label, version, map_index) VALUES (?, ?, ?)", label, version, index)
  return { config, head, witnesses, auditors, tier: statement.tier, checkedMs: nowMs }
}

/** A head that is proven to be an ancestor of the stored one. */
export function noteAncestor(tx: Transaction, head: HeardHead): void {
  tx.write(
    "INSERT INTO log_head (size, root, note) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET note = COALESCE(note, excluded.note)",
    head.size,
    head.root,
    head.note ?? null,
  )
}

/** The root that is proven for a size, if it is remembered, with the note that was seen. */
export async function provenHead(
  reader: Reader,
  size: number,
): Promise<{ readonly root: Uint8Array; readonly note: Uint8Array | undefined } | undefined> {
  const [row] = await reader.read("SELECT root, note FROM log_head WHERE size = ?", size)
  return row && { root: row["root"] as Uint8Array, note: (row["note"] as Uint8Array | null) ?? undefined }
}

export async function readAccountCheck(reader: Reader, accountId: Uint8Array): Promise<AccountCheck | undefined> {
  const [row] = await reader.read("SELECT * FROM account_check WHERE account_id = ?", accountId)
  return (
    row && {
      checkedMs: Number(row["checked_ms"]),
      size: Number(row["size"]),
      resetVersion: (row["reset_version"] as number | null) ?? undefined,
      heldUntilMs: (row["held_until_ms"] as number | null) ?? undefined,
      heldExact: row["held_exact"] === 1,
    }
  )
}

export function writeAccountCheck(tx: Transaction, accountId: Uint8Array, check: AccountCheck): void {
  tx.write(
    "INSERT OR REPLACE INTO account_check (account_id, checked_ms, size, reset_version, held_until_ms, held_exact) VALUES (?, ?, ?, ?, ?, ?)",
    accountId,
    check.checkedMs,
    check.size,
    check.resetVersion ?? null,
    check.heldUntilMs ?? null,
    check.heldExact ? 1 : 0,
  )
  tx.write("DELETE FROM account_failure WHERE account_id = ?", accountId)
}

/** The latest stored state of an account, whether or not the log has shown it. */
export async function readLatestState(crypto: LogCrypto, reader: Reader, accountId: Uint8Array): Promise<VerifiedAccountState | undefined> {
  const [row] = await reader.read("SELECT state FROM account_state WHERE account_id = ? ORDER BY version DESC LIMIT 1", accountId)
  return row && decodeVerifiedAccountState(crypto, row["state"] as Uint8Array)
}

export interface KnownHandle {
  readonly version: number
  readonly binding: Uint8Array
  readonly accountId: AccountId
}

export async function readKnownHandle(reader: Reader, handle: string): Promise<KnownHandle | undefined> {
  const [row] = await reader.read("SELECT * FROM log_handle WHERE handle = ?", handle)
  return (
    row && {
      version: Number(row["version"]),
      binding: row["binding"] as Uint8Array,
      accountId: bytes<"AccountId">(row["account_id"] as Uint8Array),
    }
  )
}

/** The handle that the log proved to be the account's. */
export async function knownHandleOf(reader: Reader, accountId: Uint8Array): Promise<string | undefined> {
  const [row] = await reader.read("SELECT handle FROM log_handle WHERE account_id = ?", accountId)
  return row && String(row["handle"])
}

export function writeKnownHandle(tx: Transaction, handle: string, known: KnownHandle): void {
  tx.write(
    "INSERT OR REPLACE INTO log_handle (handle, version, binding, account_id) VALUES (?, ?, ?, ?)",
    handle,
    known.version,
    known.binding,
    known.accountId,
  )
}

/** What the log has shown before under these labels, and under the accounts that handles among them lead to. */
export async function readKnownLabels(
  crypto: LogCrypto,
  reader: Reader,
  labels: readonly Uint8Array[],
): Promise<ReadonlyMap<string, KnownLabel>> {
  const known = new Map<string, KnownLabel>()
  const addAccount = async (accountId: AccountId): Promise<void> => {
    const ended = await readEnded(reader, accountId)
    if (ended !== undefined) return void known.set(labelKey(accountLabel(accountId)), { kind: "ended", version: ended })
    if (!(await readAccountCheck(reader, accountId))) return
    const account = await readLatestState(crypto, reader, accountId)
    if (account) known.set(labelKey(accountLabel(accountId)), { kind: "account", account })
  }
  for (const label of labels) {
    if (label[0] === 0x01) {
      await addAccount(bytes<"AccountId">(label.slice(1)))
      continue
    }
    const handle = String.fromCharCode(...label.subarray(1))
    const stored = await readKnownHandle(reader, handle)
    if (!stored) continue
    known.set(labelKey(handleLabel(handle)), { kind: "handle", version: stored.version, binding: stored.binding })
    await addAccount(stored.accountId)
  }
  return known
}
