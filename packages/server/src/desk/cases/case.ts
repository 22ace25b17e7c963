// Cases: opened by one operator, approved by two, and closed once. Signatures cover the whole case with its documents, so that nothing
// can be added afterwards.

import { canonicalJson, equal, fromUtf8, toHex, toUtf8 } from "@nodoor/bytes"
import { serverCrypto, sha256 } from "../../core/crypto.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import { assertionHolds } from "../people/assertion.ts"
import type { DeskRequest, Outcome } from "./desk-request.ts"
import { type Credential, type Person, allCredentials, allPeople } from "../people/person.ts"

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
  readonly closedAtMs: number | undefined
}

/** How many different people must sign. */
export const approvalsNeeded = 2

/** @throws ServerError `desk_refused` if there is no such case */
export function readCase(db: Database, caseId: string): DeskCase {
  type Row = { request: Uint8Array; opened_at_ms: number; outcome: Outcome | null; closed_at_ms: number | null }
  const row = db.get<Row>("SELECT request, opened_at_ms, outcome, closed_at_ms FROM cases WHERE case_id = ?", caseId)
  if (row === undefined) throw new ServerError("desk_refused", "There is no such case. `nodoor-server desk list` shows them all.")
  const documents = db
    .all<{ content_hash: Uint8Array; name: string; size_bytes: number }>(
      "SELECT content_hash, name, size_bytes FROM documents WHERE case_id = ? ORDER BY content_hash",
      caseId,
    )
    .map((found) => ({ contentHash: found.content_hash, name: found.name, sizeBytes: found.size_bytes }))
  const request = JSON.parse(fromUtf8(row.request)) as DeskRequest
  return {
    caseId,
    request,
    openedAtMs: row.opened_at_ms,
    documents,
    outcome: row.outcome ?? undefined,
    closedAtMs: row.closed_at_ms ?? undefined,
  }
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

/** What a passkey signs when it approves a case: SHA-256 of the same, as its challenge. */
export function approvalChallenge(digest: Uint8Array): Uint8Array {
  return sha256(approvalInput(digest))
}

/** The challenge for approving this case as it stands now. @throws ServerError `desk_refused` if there is no such case */
export function approvalChallengeOf(db: Database, caseId: string): Uint8Array {
  return approvalChallenge(caseDigest(readCase(db, caseId)))
}

/**
 * The different people with valid signatures over the case as it stands, each checked again from the desk's file. Signatures over an earlier
 * state do not count, and two keys or passkeys of one person count once. For an open case, only people and credentials that are still
 * active count; for a closed one, everybody who had signed it.
 * @throws ServerError `desk_damaged` for a row whose signature is not of its credential, or whose credential is not its person's: somebody
 * wrote it past the desk
 */
export function approversOf(db: Database, deskCase: DeskCase): readonly Person[] {
  const digest = caseDigest(deskCase)
  const people = allPeople(db)
  const credentials = allCredentials(db)
  type Row = {
    operator_id: number
    credential_id: Uint8Array
    case_digest: Uint8Array
    signature: Uint8Array
    authenticator_data: Uint8Array | null
    client_data: Uint8Array | null
  }
  const rows = db.all<Row>(
    "SELECT operator_id, credential_id, case_digest, signature, authenticator_data, client_data FROM approvals WHERE case_id = ? ORDER BY operator_id",
    deskCase.caseId,
  )
  const approvers: Person[] = []
  for (const row of rows) {
    if (!equal(row.case_digest, digest)) continue
    const person = people.find(({ operatorId }) => operatorId === row.operator_id)
    const credential = credentials.find(({ credentialId }) => equal(credentialId, row.credential_id))
    if (person === undefined || credential?.operatorId !== person.operatorId || !approvalHolds(credential, digest, row))
      throw new ServerError(
        "desk_damaged",
        `An approval of case ${deskCase.caseId} is not signed by ${person?.name ?? "anybody known here"}. Somebody changed the desk's file.`,
      )
    const counts = person.removedAtMs === undefined && credential.removedAtMs === undefined
    if (deskCase.outcome === undefined && !counts) continue
    approvers.push(person)
  }
  return approvers
}

/** Whether a key or a passkey signed this digest. */
export function approvalHolds(
  { kind, publicKey }: Pick<Credential, "kind" | "publicKey">,
  digest: Uint8Array,
  row: { readonly signature: Uint8Array; readonly authenticator_data: Uint8Array | null; readonly client_data: Uint8Array | null },
): boolean {
  const { signature, authenticator_data: authenticatorData, client_data: clientData } = row
  if (kind === "key") return serverCrypto.verifyEd25519({ publicKey, message: approvalInput(digest), signature })
  if (authenticatorData === null || clientData === null) return false
  return assertionHolds({ publicKey, assertion: { authenticatorData, clientData, signature }, challenge: approvalChallenge(digest) })
}
