// Subject notices: people are told in their app that a request named them, at once or after the gag, unless it was decided not to. One row per account and
// case; the text is made from the case when a device of the account asks.

import { fromHex, fromUtf8, toHex } from "@nodoor/bytes"
import { type OperatorNotice, noticeLimits } from "@nodoor/wire"
import type { Database } from "../../sqlite/database.ts"
import type { Store } from "../../accounts/store/store.ts"
import { inTransaction } from "../store/desk-database.ts"
import { type DeskRequest, type HeldClass, type Outcome, scopeOf } from "../cases/desk-request.ts"
import type { Telling } from "./notice.ts"

/** Who is told when a case ends. */
export interface TellingPlan {
  /** What the public notice says of it. */
  readonly told: Telling
  /** The last UTC day of the gag, or empty. */
  readonly tellAfter: string
  /** By how the request names them; two names may be of one account. */
  readonly accounts: ReadonlyMap<string, Uint8Array>
}

/** An account that has no device left, or never existed, can't be told. */
export async function tellingOf(
  store: Pick<Store, "findAccount" | "accountRow">,
  {
    request,
    outcome,
    tell,
    nowMs,
  }: { readonly request: DeskRequest; readonly outcome: Outcome | undefined; readonly tell: boolean; readonly nowMs: number },
): Promise<TellingPlan> {
  if (!tell || outcome === "withdrawn") return { told: "no", tellAfter: "", accounts: new Map() }
  const accounts = new Map<string, Uint8Array>()
  for (const asked of request.accounts) {
    const named = asked.startsWith("@")
      ? { handle: asked.slice(1), accountId: undefined }
      : { handle: undefined, accountId: fromHex(asked) }
    const found = await store.findAccount({ ...named, afterVersion: -1, maxStates: 1 })
    const row = found && (await store.accountRow({ accountId: found.accountId }))
    if (found !== undefined && row !== undefined && row.deviceCount > 0) accounts.set(asked, found.accountId)
  }
  const { gagUntil = "" } = request
  const later = gagUntil >= utcDay(nowMs)
  return { told: accounts.size === 0 ? "nobody" : later ? "later" : "told", tellAfter: later ? gagUntil : "", accounts }
}

/** Inside the transaction that ends the case. `disclosed` says what was handed over about an account, by how the request names it. */
export function noteTelling(
  db: Database,
  caseId: string,
  { tellAfter, accounts }: TellingPlan,
  disclosed: (asked: string) => readonly HeldClass[],
): void {
  const rows = new Map<string, { readonly accountId: Uint8Array; readonly classes: Set<HeldClass> }>()
  for (const [asked, accountId] of accounts) {
    const row = rows.get(toHex(accountId)) ?? { accountId, classes: new Set<HeldClass>() }
    for (const name of disclosed(asked)) row.classes.add(name)
    rows.set(toHex(accountId), row)
  }
  for (const { accountId, classes } of rows.values())
    db.run(
      "INSERT INTO told (case_id, account_id, disclosed, tell_after) VALUES (?, ?, ?, ?)",
      caseId,
      accountId,
      JSON.stringify([...classes].toSorted()),
      tellAfter,
    )
}

/** The notices of an account that may be told, the newest first; notes the day for those that were never asked for before. */
export function ownNotices(
  db: Database,
  { accountId, nowMs }: { readonly accountId: Uint8Array; readonly nowMs: number },
): readonly OperatorNotice[] {
  type Row = {
    case_id: string
    disclosed: string
    tell_after: string
    fetched_day: string | null
    request: Uint8Array
    outcome: OperatorNotice["outcome"]
    closed_at_ms: number
  }
  const today = utcDay(nowMs)
  const rows = db.all<Row>(
    `SELECT t.case_id, t.disclosed, t.tell_after, t.fetched_day, c.request, c.outcome, c.closed_at_ms FROM told t JOIN cases c USING (case_id)
      WHERE t.account_id = ? AND t.tell_after < ? ORDER BY c.closed_at_ms DESC, t.case_id LIMIT ?`,
    accountId,
    today,
    noticeLimits.noticesPerAnswer,
  )
  const first = rows.filter(({ fetched_day: day }) => day === null)
  if (first.length > 0)
    inTransaction(db, () => {
      for (const { case_id: caseId } of first)
        db.run("UPDATE told SET fetched_day = ? WHERE case_id = ? AND account_id = ? AND fetched_day IS NULL", today, caseId, accountId)
    })
  return rows.map((row) => {
    const request = JSON.parse(fromUtf8(row.request)) as DeskRequest
    return {
      caseId: row.case_id,
      authority: seen(request.authority),
      country: request.country,
      instrument: request.instrument,
      legalBasis: seen(request.legalBasis),
      reference: seen(request.reference),
      received: request.received,
      closed: utcDay(row.closed_at_ms),
      ...(row.tell_after === "" ? {} : { gagUntil: row.tell_after }),
      outcome: row.outcome,
      sought: request.classes,
      disclosed: JSON.parse(row.disclosed) as HeldClass[],
      impossible: scopeOf(request).impossible,
    }
  })
}

export interface SubjectNotice {
  /** Hexadecimal. */
  readonly account: string
  /** The last day of the gag; absent without one. */
  readonly after?: string
  /** The UTC day on which a device of the account first asked for it; absent until then. */
  readonly fetchedDay?: string
}

/** Who is told of a case, and since when they know. */
export function subjectNotices(db: Database, caseId: string): readonly SubjectNotice[] {
  type Row = { account_id: Uint8Array; tell_after: string; fetched_day: string | null }
  return db
    .all<Row>("SELECT account_id, tell_after, fetched_day FROM told WHERE case_id = ? ORDER BY account_id", caseId)
    .map(({ account_id: accountId, tell_after: after, fetched_day: day }) => ({
      account: toHex(accountId),
      ...(after === "" ? {} : { after }),
      ...(day === null ? {} : { fetchedDay: day }),
    }))
}

/** Devices refuse lines with invisible characters. Old cases, from before the desk refused them too, may contain some. */
function seen(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, "\u00b7")
}

function utcDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
