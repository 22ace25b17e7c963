// Cases: opened by one operator, approved by two, and closed once. What is signed is the whole case with its documents, so that nothing
// can be slipped in afterwards.

import { canonicalJson, equal, fromUtf8, toHex, toUtf8 } from "@nodoor/bytes"
import { serverCrypto, sha256 } from "../crypto.ts"
import type { SigningKey } from "../log/log-keys.ts"
import { ServerError } from "../server-error.ts"
import type { Database } from "../store/sqlite/database.ts"
import type { DeskRequest, Outcome } from "./desk-request.ts"

export interface Operator {
  readonly operatorId: number
  readonly name: string
  readonly publicKey: Uint8Array
}

export interface CaseDocument {
  /** SHA-256, which is also the name of its file. */
  readonly contentHash: Uint8Array
  readonly name: string
  readonly sizeBytes: number
}

export interface DeskCase {
  readonly caseId: string
  readonly request: DeskRequest
  readonly openedAtMs: number
  readonly documents: readonly CaseDocument[]
  readonly outcome: Outcome | undefined
}

/** How many different operators must sign. */
export const approvalsNeeded = 2

/** @throws ServerError `desk_refused` if there is no such case */
export function readCase(db: Database, caseId: string): DeskCase {
  type Row = { request: Uint8Array; opened_at_ms: number; outcome: Outcome | null }
  const row = db.get<Row>("SELECT request, opened_at_ms, outcome FROM cases WHERE case_id = ?", caseId)
  if (row === undefined) throw new ServerError("desk_refused", "There is no such case: nodoor-server desk list shows them.")
  const documents = db
    .all<{ content_hash: Uint8Array; name: string; size_bytes: number }>(
      "SELECT content_hash, name, size_bytes FROM documents WHERE case_id = ? ORDER BY content_hash",
      caseId,
    )
    .map((found) => ({ contentHash: found.content_hash, name: found.name, sizeBytes: found.size_bytes }))
  const request = JSON.parse(fromUtf8(row.request)) as DeskRequest
  return { caseId, request, openedAtMs: row.opened_at_ms, documents, outcome: row.outcome ?? undefined }
}

/** SHA-256 of the case as canonical JSON: what approvals are about. */
export function caseDigest({ caseId, request, documents }: DeskCase): Uint8Array {
  return sha256(
    canonicalJson({
      format: "nodoor-desk-case/v1",
      case: caseId,
      request: { ...request },
      documents: documents.map(({ contentHash, name, sizeBytes }) => ({ sha256: toHex(contentHash), name, sizeBytes })),
    }),
  )
}

/** "nodoor/desk-approval/v1" ‖ 0x00 ‖ digest of the case. */
export function approvalInput(digest: Uint8Array): Uint8Array {
  return Buffer.concat([toUtf8("nodoor/desk-approval/v1\0"), digest])
}

/** Those who may decide now. */
export function activeOperators(db: Database): readonly Operator[] {
  return db
    .all<{ operator_id: number; name: string; public_key: Uint8Array }>(
      "SELECT operator_id, name, public_key FROM operators WHERE removed_at_ms IS NULL ORDER BY operator_id",
    )
    .map((row) => ({ operatorId: row.operator_id, name: row.name, publicKey: row.public_key }))
}

/** Whose key this is. @throws ServerError `operator_unknown` */
export function operatorOf(db: Database, { publicKey }: Pick<SigningKey, "publicKey">): Operator {
  const found = activeOperators(db).find((operator) => equal(operator.publicKey, publicKey))
  if (found === undefined) throw new ServerError("operator_unknown", "This key belongs to nobody who may decide here.")
  return found
}

/**
 * Different operators whose signatures hold over the case as it stands. Signatures over an earlier state of it count for nothing.
 * @throws ServerError `desk_damaged` for a row whose signature is not its operator's: somebody wrote it past the desk
 */
export function approversOf(db: Database, deskCase: DeskCase): readonly Operator[] {
  const digest = caseDigest(deskCase)
  const operators = activeOperators(db)
  const approvers = new Map<string, Operator>()
  const rows = db.all<{ operator_id: number; case_digest: Uint8Array; signature: Uint8Array }>(
    "SELECT operator_id, case_digest, signature FROM approvals WHERE case_id = ? ORDER BY operator_id",
    deskCase.caseId,
  )
  for (const row of rows) {
    const operator = operators.find(({ operatorId }) => operatorId === row.operator_id)
    if (operator === undefined || !equal(row.case_digest, digest)) continue
    const signed = { publicKey: operator.publicKey, message: approvalInput(digest), signature: row.signature }
    if (!serverCrypto.verifyEd25519(signed))
      throw new ServerError(
        "desk_damaged",
        `An approval of case ${deskCase.caseId} is not signed by ${operator.name}: somebody wrote it past the desk.`,
      )
    approvers.set(toHex(operator.publicKey), operator)
  }
  return [...approvers.values()]
}
