// The lawful desk: cases from receipt to notice.

import * as v from "valibot"
import type { Route } from "../route.ts"
import { type Schema, boundedBytes, count, list, text } from "../schema.ts"
import { caseId, day, none, operatorLimits, operatorRoute, personName, sha256, webAuthn } from "./message.ts"

export interface OperatorCaseLine {
  readonly caseId: string
  readonly openedAtMs: number
  readonly authority: string
  readonly country: string
  readonly instrument: string
  readonly reference: string
  readonly accounts: number
  readonly approvals: number
  readonly approvalsNeeded: number
  /** Absent while open. */
  readonly outcome?: string
}
const caseLineFields = {
  caseId,
  openedAtMs: count,
  authority: text(1024),
  country: text(2),
  instrument: text(64),
  reference: text(1024),
  accounts: count,
  approvals: count,
  approvalsNeeded: count,
  outcome: v.exactOptional(text(32)),
}
/** The newest first. */
export const operatorCases: Route<
  { readonly before?: string | undefined },
  { readonly cases: readonly OperatorCaseLine[]; readonly more: boolean }
> = operatorRoute(
  "cases",
  v.strictObject({ before: v.exactOptional(caseId) }),
  v.strictObject({ cases: list(v.strictObject(caseLineFields) as Schema<OperatorCaseLine>, operatorLimits.pageRows), more: v.boolean() }),
)

export interface OperatorCase extends OperatorCaseLine {
  readonly legalBasis: string
  readonly issued: string
  readonly received: string
  readonly gagUntil?: string
  readonly bulkReason?: string
  readonly accountNames: readonly string[]
  /** What the request asks for: may be handed over, is beyond the instrument, is impossible. */
  readonly granted: readonly string[]
  readonly beyond: readonly string[]
  readonly impossible: readonly string[]
  readonly documents: readonly { readonly sha256: string; readonly name: string; readonly sizeBytes: number }[]
  readonly approvedBy: readonly string[]
  /** Whether the person who asks has approved it as it stands. */
  readonly approvedByMe: boolean
  /** SHA-256 of the case as it stands: what a passkey signs. */
  readonly digest: string
  readonly closedAtMs?: number
  /** SHA-256 of the archive that was handed over. */
  readonly exportSha256?: string
  /** Whether the archive is still kept for download, and until when. */
  readonly archiveUntilMs?: number
  /** The UTC day in whose slot the public log has the notice; absent until then. */
  readonly noticeDay?: string
  /** Whether the notice can be read on /transparency. */
  readonly noticeOpen: boolean
  /** `told`, `later` (after the gag), `no`, or `nobody`: none of the accounts exists. Absent while open. */
  readonly told?: string
  /** The accounts that are told, by id; after which day, under a gag; and the UTC day on which a device of theirs first asked for it. */
  readonly toldAccounts?: readonly { readonly account: string; readonly after?: string; readonly fetchedDay?: string }[]
}
const names = list(text(64), 500)
export const operatorCase: Route<{ readonly caseId: string }, OperatorCase> = operatorRoute(
  "case",
  v.strictObject({ caseId }),
  v.strictObject({
    ...caseLineFields,
    legalBasis: text(2048),
    issued: day,
    received: day,
    gagUntil: v.exactOptional(day),
    bulkReason: v.exactOptional(text(8192)),
    accountNames: names,
    granted: names,
    beyond: names,
    impossible: names,
    documents: list(v.strictObject({ sha256, name: text(1024), sizeBytes: count }), operatorLimits.documentsPerCase),
    approvedBy: list(personName, 64),
    approvedByMe: v.boolean(),
    digest: sha256,
    closedAtMs: v.exactOptional(count),
    exportSha256: v.exactOptional(sha256),
    archiveUntilMs: v.exactOptional(count),
    noticeDay: v.exactOptional(day),
    noticeOpen: v.boolean(),
    told: v.exactOptional(text(16)),
    toldAccounts: v.exactOptional(
      list(
        v.strictObject({
          account: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
          after: v.exactOptional(day),
          fetchedDay: v.exactOptional(day),
        }),
        500,
      ),
    ),
  }) as Schema<OperatorCase>,
)
/** `request` is the JSON text that `nodoor-server desk open` takes: checked by the same code. */
export const operatorCaseOpen: Route<{ readonly request: string }, { readonly caseId: string }> = operatorRoute(
  "case/open",
  v.strictObject({ request: v.pipe(v.string(), v.maxLength(65_536)) }),
  v.strictObject({ caseId }),
  { request: 262_144, answer: 64 },
)
export const operatorCaseAttach: Route<
  { readonly caseId: string; readonly name: string; readonly content: Uint8Array },
  { readonly sha256: string }
> = operatorRoute(
  "case/attach",
  v.strictObject({ caseId, name: text(1024), content: boundedBytes(operatorLimits.documentBytes) }),
  v.strictObject({ sha256 }),
  { request: operatorLimits.documentBytes + 4096, answer: 128 },
)
export const operatorCaseDocument: Route<{ readonly caseId: string; readonly sha256: string }, { readonly content: Uint8Array }> =
  operatorRoute(
    "case/document",
    v.strictObject({ caseId, sha256 }),
    v.strictObject({ content: boundedBytes(operatorLimits.documentBytes) }),
    {
      answer: operatorLimits.documentBytes + 64,
    },
  )
/** `proof` signs the case's digest and stays with the approval: anybody who has the desk's file can check it again. */
export const operatorCaseApprove: Route<{ readonly caseId: string; readonly proof: string }, { readonly approvals: number }> =
  operatorRoute("case/approve", v.strictObject({ caseId, proof: webAuthn }), v.strictObject({ approvals: count }), { request: 65_536 })
/** Ends a case with nothing handed over. */
export const operatorCaseClose: Route<
  {
    readonly caseId: string
    readonly outcome: "rejected" | "challenged" | "withdrawn"
    readonly tell: boolean
    readonly proof: string
  },
  Record<string, never>
> = operatorRoute(
  "case/close",
  v.strictObject({ caseId, outcome: v.picklist(["rejected", "challenged", "withdrawn"]), tell: v.boolean(), proof: webAuthn }),
  none,
  { request: 65_536 },
)
/** Makes the archive and ends the case. The people named are told in their app: at once, or when the gag ends; not if `tell` is false. */
export const operatorCaseExport: Route<
  { readonly caseId: string; readonly tell: boolean; readonly proof: string },
  { readonly outcome: string; readonly sha256: string }
> = operatorRoute(
  "case/export",
  v.strictObject({ caseId, tell: v.boolean(), proof: webAuthn }),
  v.strictObject({ outcome: text(32), sha256 }),
  { request: 65_536 },
)
/** The archive of a case that was exported, while it is kept; each download is a line of the audit log. */
export const operatorCaseArchive: Route<{ readonly caseId: string }, { readonly archive: Uint8Array; readonly letter: string }> =
  operatorRoute(
    "case/archive",
    v.strictObject({ caseId }),
    v.strictObject({
      archive: boundedBytes(operatorLimits.archiveBytes),
      letter: v.pipe(v.string(), v.maxLength(operatorLimits.archiveBytes)),
    }),
    { answer: 2 * operatorLimits.archiveBytes + 64 },
  )
