// The lawful desk: from receipt to notice. Every step is a transaction that ends with a line in the audit log; nothing is handed over
// before the notice that says so is on the disk.

import { assert, canonicalJson, equal, fromHex, toHex } from "@nodoor/bytes"
import { decodeVerifiedAccountState } from "@nodoor/keylog"
import { serverCrypto } from "../crypto.ts"
import type { SigningKey } from "../log/log-keys.ts"
import type { Clock, Random } from "../ports.ts"
import { ServerError } from "../server-error.ts"
import type { Database } from "../store/sqlite/database.ts"
import type { Store } from "../store/store.ts"
import { ApprovedCase, ReservedSlot } from "./approved.ts"
import { type Archive, type NamedAccount, caseArchive } from "./archive.ts"
import { type DeskCase, type Operator, activeOperators, approvalInput, approversOf, caseDigest, operatorOf, readCase } from "./case.ts"
import { appendAudit, inTransaction } from "./desk-database.ts"
import { type DeskRequest, type Outcome, scopeOf } from "./desk-request.ts"
import { storeDocument } from "./document.ts"
import { publicFacts } from "./impossibility.ts"
import { type Decision, type Told, noticeBody } from "./notice.ts"

export interface DeskPorts {
  readonly db: Database
  readonly store: Pick<Store, "findAccount" | "disclosableTables" | "verifiedState">
  readonly clock: Clock
  readonly random: Random
  /** Where documents are kept. */
  readonly documentsPath: string
  readonly origin: string
  /** Signs archives. */
  readonly exportKey: SigningKey
  /** The log's published checkpoint. */
  readonly checkpoint: string | undefined
}

/** Outcomes that hand nothing over. */
export type EmptyOutcome = Exclude<Outcome, "partial" | "full">

export class Desk {
  readonly #ports: DeskPorts

  constructor(ports: DeskPorts) {
    this.#ports = ports
  }

  /**
   * Lets somebody decide. The first two need nobody's word, as there is nobody else yet; after that one of them vouches.
   * @throws ServerError `desk_refused`, `operator_unknown`
   */
  addOperator({
    name,
    publicKey,
    voucher,
  }: {
    readonly name: string
    readonly publicKey: Uint8Array
    readonly voucher: SigningKey | undefined
  }): void {
    const { db } = this.#ports
    if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u.test(name))
      throw refused("A name is letters, digits, spaces, dots and hyphens, at most 64 of them.")
    this.#step("operator_added", undefined, { operator: name, publicKey: toHex(publicKey) }, () => {
      const known = db.get<{ n: number }>("SELECT count(*) AS n FROM operators")?.n ?? 0
      if (known >= 2 && voucher === undefined) throw refused("One of the operators must vouch for another: add --key FILE.")
      const actor = voucher === undefined ? "server" : operatorOf(db, voucher).name
      const taken = db.get("SELECT 1 FROM operators WHERE name = ? OR public_key = ?", name, publicKey)
      if (taken !== undefined) throw refused("The name or the key is taken; keys that were removed do not come back.")
      db.run("INSERT INTO operators (name, public_key, added_at_ms) VALUES (?, ?, ?)", name, publicKey, this.#ports.clock.nowMs())
      return { actor, result: undefined }
    })
  }

  /** @throws ServerError `desk_refused`, `operator_unknown` */
  removeOperator({ name, key }: { readonly name: string; readonly key: SigningKey }): void {
    const { db, clock } = this.#ports
    this.#step("operator_removed", undefined, { operator: name }, () => {
      const actor = operatorOf(db, key).name
      const changed = db.run("UPDATE operators SET removed_at_ms = ? WHERE name = ? AND removed_at_ms IS NULL", clock.nowMs(), name)
      if (changed === 0) throw refused("There is no operator of that name.")
      return { actor, result: undefined }
    })
  }

  /** Writes a request down and takes its place in the public log. Answers the case's id. @throws ServerError `operator_unknown` */
  open(request: DeskRequest, key: SigningKey): string {
    const { db, clock, random } = this.#ports
    const caseId = toHex(random(5))
    return this.#step("case_opened", caseId, { accounts: request.accounts.length }, () => {
      const actor = operatorOf(db, key).name
      db.run("INSERT INTO cases (case_id, request, opened_at_ms) VALUES (?, ?, ?)", caseId, canonicalJson({ ...request }), clock.nowMs())
      db.run("INSERT INTO notices (case_id, gag_until) VALUES (?, ?)", caseId, request.gagUntil ?? "")
      return { actor, result: caseId }
    })
  }

  /** Keeps a document with the case, under the hash of its content. Approvals given before count no more. @throws ServerError `desk_refused`, `operator_unknown` */
  attach({
    caseId,
    name,
    content,
    key,
  }: {
    readonly caseId: string
    readonly name: string
    readonly content: Uint8Array
    readonly key: SigningKey
  }): void {
    const { db, documentsPath } = this.#ports
    const deskCase = this.#openCase(caseId)
    const actor = operatorOf(db, key).name
    const document = storeDocument(documentsPath, { name, content, held: deskCase.documents })
    this.#step("document_attached", caseId, { sha256: toHex(document.contentHash), sizeBytes: document.sizeBytes }, () => {
      const row = [caseId, document.contentHash, document.name, document.sizeBytes] as const
      db.run("INSERT OR IGNORE INTO documents (case_id, content_hash, name, size_bytes) VALUES (?, ?, ?, ?)", ...row)
      return { actor, result: undefined }
    })
  }

  /** Signs the case as it stands; answers how many have. @throws ServerError `desk_refused`, `operator_unknown` */
  approve({ caseId, key }: { readonly caseId: string; readonly key: SigningKey }): number {
    const { db, clock } = this.#ports
    const deskCase = this.#openCase(caseId)
    const digest = caseDigest(deskCase)
    return this.#step("case_approved", caseId, { digest: toHex(digest) }, () => {
      const operator = operatorOf(db, key)
      const signature = serverCrypto.signEd25519({ privateKey: key.privateKey, message: approvalInput(digest) })
      db.run(
        "INSERT OR REPLACE INTO approvals (case_id, operator_id, case_digest, signature, approved_at_ms) VALUES (?, ?, ?, ?, ?)",
        caseId,
        operator.operatorId,
        digest,
        signature,
        clock.nowMs(),
      )
      return { actor: operator.name, result: approversOf(db, deskCase).length }
    })
  }

  /** Ends a case with nothing handed over. @throws ServerError `desk_refused`, `operator_unknown` */
  close({
    caseId,
    outcome,
    told,
    key,
  }: {
    readonly caseId: string
    readonly outcome: EmptyOutcome
    readonly told: Told
    readonly key: SigningKey
  }): void {
    const actor = operatorOf(this.#ports.db, key).name
    this.#end(this.#openCase(caseId), actor, { outcome, told, disclosed: [], exportDigest: undefined })
  }

  /**
   * Makes the archive of an approved case and ends the case. `keep` must have the bytes on the disk when it returns: it is called before the
   * notice is written, and what it kept may be shown only after this resolves. A case of which nothing can be handed over ends as rejected,
   * and its archive holds the technical statement. @throws ServerError `desk_refused`, `desk_damaged`, `operator_unknown`
   */
  async export({
    caseId,
    told,
    key,
    keep,
  }: {
    readonly caseId: string
    readonly told: Told
    readonly key: SigningKey
    readonly keep: (archive: Archive) => void
  }): Promise<{ readonly archive: Archive; readonly outcome: Outcome }> {
    const { db, origin, exportKey } = this.#ports
    const actor = operatorOf(db, key).name
    const approved = ApprovedCase.of(db, caseId)
    const slot = ReservedSlot.of(db, caseId)
    const { request } = approved.case
    const { granted, beyond, impossible } = scopeOf(request)
    const accounts: NamedAccount[] = []
    for (const asked of request.accounts) accounts.push(await this.#named(asked, granted.length > 0))
    const archive = caseArchive(approved, slot, { origin, accounts, key: exportKey })
    const disclosed = accounts.some(({ tables }) => tables.length > 0) ? granted : []
    const outcome = disclosed.length === 0 ? "rejected" : beyond.length + impossible.length > 0 ? "partial" : "full"
    keep(archive)
    // Somebody may have added a document or taken an approval back meanwhile.
    const again = ApprovedCase.of(db, caseId)
    if (!equal(caseDigest(again.case), caseDigest(approved.case))) throw refused("The case changed while it was exported. Begin again.")
    this.#end(approved.case, actor, { outcome, told, disclosed, exportDigest: archive.digest })
    return { archive, outcome }
  }

  operators(): readonly Operator[] {
    return activeOperators(this.#ports.db)
  }

  cases(): readonly DeskCase[] {
    const rows = this.#ports.db.all<{ case_id: string }>("SELECT case_id FROM cases ORDER BY opened_at_ms, case_id")
    return rows.map((row) => readCase(this.#ports.db, row.case_id))
  }

  /** @throws ServerError `desk_refused`, `desk_damaged` */
  show(caseId: string): { readonly case: DeskCase; readonly approvers: readonly Operator[] } {
    const deskCase = readCase(this.#ports.db, caseId)
    return { case: deskCase, approvers: approversOf(this.#ports.db, deskCase) }
  }

  #openCase(caseId: string): DeskCase {
    const deskCase = readCase(this.#ports.db, caseId)
    if (deskCase.outcome !== undefined) throw refused(`The case is closed: ${deskCase.outcome}.`)
    return deskCase
  }

  /** Rows only where some may be handed over; the public facts in any case. */
  async #named(asked: string, withRows: boolean): Promise<NamedAccount> {
    const { store, checkpoint } = this.#ports
    const accountId = asked.startsWith("@")
      ? (await store.findAccount({ handle: asked.slice(1), accountId: undefined, afterVersion: -1, maxStates: 1 }))?.accountId
      : fromHex(asked)
    const stored = accountId && (await store.verifiedState({ accountId }))
    if (accountId === undefined || stored === undefined) return { asked, tables: [], facts: undefined }
    const tables = withRows ? await store.disclosableTables({ accountId }) : []
    return { asked, tables, facts: publicFacts(decodeVerifiedAccountState(serverCrypto, stored), checkpoint) }
  }

  #end(deskCase: DeskCase, actor: string, decision: Decision): void {
    const { db, clock } = this.#ports
    const { caseId } = deskCase
    const { outcome, disclosed, exportDigest } = decision
    this.#step("case_closed", caseId, { outcome, disclosed, export: exportDigest ?? null }, () => {
      const closed = db.run(
        "UPDATE cases SET outcome = ?, closed_at_ms = ? WHERE case_id = ? AND outcome IS NULL",
        outcome,
        clock.nowMs(),
        caseId,
      )
      if (closed !== 1) throw refused("The case has been closed meanwhile.")
      const noticed = db.run(
        "UPDATE notices SET body = ? WHERE case_id = ? AND body IS NULL",
        canonicalJson(noticeBody(deskCase, decision)),
        caseId,
      )
      assert(noticed === 1, "every case has its place in the log")
      return { actor, result: undefined }
    })
  }

  /** One change and its line in the audit log, both or neither. */
  #step<T>(
    event: string,
    caseId: string | undefined,
    facts: Parameters<typeof appendAudit>[1]["facts"],
    run: () => { readonly actor: string; readonly result: T },
  ): T {
    const { db, clock } = this.#ports
    return inTransaction(db, () => {
      const { actor, result } = run()
      appendAudit(db, { timeMs: clock.nowMs(), actor, event, caseId, facts })
      return result
    })
  }
}

function refused(message: string): ServerError {
  return new ServerError("desk_refused", message)
}
