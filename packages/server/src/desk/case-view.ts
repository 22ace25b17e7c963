// Cases as the console shows them.

import { fromUtf8, toHex } from "@nodoor/bytes"
import { type OperatorCase, type OperatorCaseLine, operatorLimits } from "@nodoor/wire/operator"
import type { Database } from "../sqlite/database.ts"
import type { Actor } from "./people/actor.ts"
import { type DeskCase, approvalsNeeded, approversOf, caseDigest, readCase } from "./cases/case.ts"
import { scopeOf } from "./cases/desk-request.ts"
import { archiveUntilMs } from "./archive/kept-archive.ts"
import { subjectNotices } from "./notices/subject-notices.ts"

/** The newest first; with `before`, those that were opened before that case. @throws ServerError `desk_refused`, `desk_damaged` */
export function caseLines(
  db: Database,
  before: string | undefined,
): { readonly cases: readonly OperatorCaseLine[]; readonly more: boolean } {
  const from = before === undefined ? undefined : readCase(db, before)
  const rows = db.all<{ case_id: string }>(
    "SELECT case_id FROM cases WHERE (opened_at_ms, case_id) < (?, ?) ORDER BY opened_at_ms DESC, case_id DESC LIMIT ?",
    from?.openedAtMs ?? Number.MAX_SAFE_INTEGER,
    from?.caseId ?? "",
    operatorLimits.pageRows + 1,
  )
  const cases = rows.slice(0, operatorLimits.pageRows).map((row) => lineOf(db, readCase(db, row.case_id)))
  return { cases, more: rows.length > operatorLimits.pageRows }
}

/** One case as `actor` may see it. @throws ServerError `desk_refused`, `desk_damaged`, `operator_unknown` */
export function caseView(
  { db, archivesPath }: { readonly db: Database; readonly archivesPath: string },
  caseId: string,
  actor: Actor,
): OperatorCase {
  const me = actor.may(db, "read")
  const deskCase = readCase(db, caseId)
  const { request, documents, closedAtMs } = deskCase
  const approvers = approversOf(db, deskCase)
  const scope = scopeOf(request)
  const untilMs = archiveUntilMs(db, { caseId, archivesPath })
  const { exportSha256, told, noticeDay, noticeOpen, gagUntil } = noticeOf(db, caseId)
  return {
    ...lineOf(db, deskCase),
    legalBasis: request.legalBasis,
    issued: request.issued,
    received: request.received,
    ...(gagUntil === "" ? {} : { gagUntil }),
    ...(request.bulkReason === undefined ? {} : { bulkReason: request.bulkReason }),
    accountNames: request.accounts,
    granted: scope.granted,
    beyond: scope.beyond,
    impossible: scope.impossible,
    documents: documents.map(({ contentHash, name, sizeBytes }) => ({ sha256: toHex(contentHash), name, sizeBytes })),
    approvedBy: approvers.map(({ name }) => name),
    approvedByMe: approvers.some(({ operatorId }) => operatorId === me.operatorId),
    digest: toHex(caseDigest(deskCase)),
    ...(closedAtMs === undefined ? {} : { closedAtMs }),
    ...(exportSha256 === undefined ? {} : { exportSha256 }),
    ...(untilMs === undefined ? {} : { archiveUntilMs: untilMs }),
    ...(noticeDay === undefined ? {} : { noticeDay }),
    noticeOpen,
    ...(told === undefined ? {} : { told, toldAccounts: subjectNotices(db, caseId) }),
  }
}

/** Cases without an outcome: all, those that wait for somebody's approval, those that can be exported. @throws ServerError `desk_damaged` */
export function caseCounts(db: Database): { readonly open: number; readonly awaitingApproval: number; readonly ready: number } {
  const rows = db.all<{ case_id: string }>("SELECT case_id FROM cases WHERE outcome IS NULL")
  const ready = rows.filter(({ case_id: caseId }) => approversOf(db, readCase(db, caseId)).length >= approvalsNeeded).length
  return { open: rows.length, awaitingApproval: rows.length - ready, ready }
}

function lineOf(db: Database, deskCase: DeskCase): OperatorCaseLine {
  const { caseId, request, openedAtMs, outcome } = deskCase
  const { authority, country, instrument, reference, accounts } = request
  const approvals = approversOf(db, deskCase).length
  const line = { caseId, openedAtMs, authority, country, instrument, reference, accounts: accounts.length, approvals, approvalsNeeded }
  return outcome === undefined ? line : { ...line, outcome }
}

/** What the public log has of it. */
function noticeOf(
  db: Database,
  caseId: string,
): {
  readonly exportSha256: string | undefined
  readonly told: string | undefined
  readonly noticeDay: string | undefined
  readonly noticeOpen: boolean
  /** The last day, or empty: it may have changed since the request. */
  readonly gagUntil: string
} {
  type Row = { body: Uint8Array | null; gag_until: string; day: string | null; opened_day: string | null }
  const row = db.get<Row>(
    "SELECT n.body, n.gag_until, s.day, s.opened_day FROM notices n LEFT JOIN slots s ON s.day = n.slot_day AND s.logged = 1 WHERE n.case_id = ?",
    caseId,
  )
  const body = row?.body ? (JSON.parse(fromUtf8(row.body)) as { export: string | null; told: string }) : undefined
  const opened = (row?.opened_day ?? undefined) !== undefined
  return {
    exportSha256: body?.export ?? undefined,
    told: body?.told,
    noticeDay: row?.day ?? undefined,
    noticeOpen: opened,
    gagUntil: row?.gag_until ?? "",
  }
}
