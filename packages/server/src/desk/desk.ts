// The lawful desk: from receipt to notice. Every step is a transaction that ends with a line in the audit log; nothing is handed over
// before the notice that says so is on the disk.

import { assert, canonicalJson, equal, toHex } from "@nodoor/bytes"
import type { OperatorCase } from "@nodoor/wire/operator"
import { serverCrypto } from "../core/crypto.ts"
import type { SigningKey } from "../keylog/keeper/log-keys.ts"
import type { Clock, Random } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import type { Database } from "../sqlite/database.ts"
import type { Store } from "../accounts/store/store.ts"
import type { Actor } from "./people/actor.ts"
import { ApprovedCase, ReservedSlot } from "./cases/approved.ts"
import type { Archive } from "./archive/archive.ts"
import type { ArchiveMaker } from "./archive/archive-maker.ts"
import { type DeskCase, approvalHolds, approvalInput, approversOf, caseDigest, readCase } from "./cases/case.ts"
import { caseCounts, caseLines, caseView } from "./case-view.ts"
import { auditedStep } from "./store/desk-database.ts"
import { type DeskRequest, type Outcome, scopeOf } from "./cases/desk-request.ts"
import { requireNearGag } from "./cases/gag.ts"
import { readDocument, storeDocument } from "./cases/document.ts"
import { dropArchive, keepArchive, readKeptArchive, sweepArchives } from "./archive/kept-archive.ts"
import { type Decision, noticeBody } from "./notices/notice.ts"
import type { PasskeyProof } from "./people/passkey-proof.ts"
import { type Person, approvesFromMs, holderOf } from "./people/person.ts"
import { type TellingPlan, noteTelling, tellingOf } from "./notices/subject-notices.ts"

export interface DeskPorts {
  readonly db: Database
  readonly store: Pick<Store, "findAccount" | "accountRow">
  readonly archives: Pick<ArchiveMaker, "ofCase">
  readonly clock: Clock
  readonly random: Random
  /** Where documents are kept. */
  readonly documentsPath: string
  /** Where archives are kept for download. */
  readonly archivesPath: string
}

/** Outcomes that hand nothing over. */
export type EmptyOutcome = Exclude<Outcome, "partial" | "full">

/** `proof` is a confirmation of "approve" for this case. */
export type ApprovedBy = { readonly kind: "key"; readonly key: SigningKey } | { readonly kind: "passkey"; readonly proof: PasskeyProof }

export class Desk {
  readonly #ports: DeskPorts

  constructor(ports: DeskPorts) {
    this.#ports = ports
  }

  /** Records a request and reserves its place in the public log. Answers the case's id. @throws ServerError `desk_refused`, `operator_unknown`, `operator_forbidden` */
  open(request: DeskRequest, actor: Actor): string {
    const { db, clock, random } = this.#ports
    if (request.gagUntil !== undefined) requireNearGag(request.gagUntil, clock)
    const caseId = toHex(random(5))
    return this.#step("case_opened", caseId, { accounts: request.accounts.length }, () => {
      const { name } = actor.may(db, "handle")
      db.run("INSERT INTO cases (case_id, request, opened_at_ms) VALUES (?, ?, ?)", caseId, canonicalJson({ ...request }), clock.nowMs())
      db.run("INSERT INTO notices (case_id, gag_until) VALUES (?, ?)", caseId, request.gagUntil ?? "")
      return { actor: name, result: caseId }
    })
  }

  /**
   * Keeps a document with the case, under the hash of its content, which is the answer. Earlier approvals no longer count.
   * @throws ServerError `desk_refused`, `operator_unknown`, `operator_forbidden`
   */
  attach({
    caseId,
    name,
    content,
    actor,
  }: {
    readonly caseId: string
    readonly name: string
    readonly content: Uint8Array
    readonly actor: Actor
  }): Uint8Array {
    const { db, documentsPath } = this.#ports
    actor.may(db, "handle")
    const deskCase = this.#openCase(caseId)
    const document = storeDocument(documentsPath, { name, content, held: deskCase.documents })
    return this.#step("document_attached", caseId, { sha256: toHex(document.contentHash), sizeBytes: document.sizeBytes }, () => {
      const by = actor.may(db, "handle")
      this.#openCase(caseId)
      const row = [caseId, document.contentHash, document.name, document.sizeBytes] as const
      db.run("INSERT OR IGNORE INTO documents (case_id, content_hash, name, size_bytes) VALUES (?, ?, ?, ?)", ...row)
      return { actor: by.name, result: document.contentHash }
    })
  }

  /**
   * Signs the case as it stands, with a key or by what a passkey signed; answers how many people have. Somebody new waits (`approvesFromMs`).
   * @throws ServerError `desk_refused`, `operator_unknown`, `operator_forbidden`, `passkey_refused`
   */
  approve({ caseId, actor, by }: { readonly caseId: string; readonly actor: Actor; readonly by: ApprovedBy }): number {
    const { db, clock } = this.#ports
    const digest = caseDigest(this.#openCase(caseId))
    return this.#step("case_approved", caseId, { digest: toHex(digest), with: by.kind }, () => {
      const person = actor.may(db, "approve")
      const deskCase = this.#openCase(caseId)
      if (!equal(caseDigest(deskCase), digest)) throw refused("The case has changed since you looked at it. Look at it again.")
      const signed = signedBy({ caseId, digest, actor, by })
      // Somebody who signed in with one of their passkeys may sign with another.
      const { credential, person: signer } = holderOf(db, signed.credentialId)
      if (signer.operatorId !== person.operatorId || !approvalHolds(credential, digest, signed))
        throw new ServerError("passkey_refused", "The signature is not for the case in its present form. Look at the case again.")
      const fromMs = approvesFromMs(db, person)
      if (clock.nowMs() < fromMs)
        throw refused(`${person.name} is new here and can approve cases from ${new Date(fromMs).toISOString()} on.`)
      db.run(
        "INSERT OR REPLACE INTO approvals (case_id, operator_id, credential_id, case_digest, signature, authenticator_data, client_data, approved_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        caseId,
        person.operatorId,
        credential.credentialId,
        digest,
        signed.signature,
        signed.authenticator_data,
        signed.client_data,
        clock.nowMs(),
      )
      return { actor: person.name, result: approversOf(db, deskCase).length }
    })
  }

  /**
   * Ends a case with nothing handed over. `tell`: the people named are told in their app, at once or after the gag; nobody is told of a case
   * that was withdrawn. In the console `proof` confirms it.
   * @throws ServerError `desk_refused`, `operator_unknown`, `operator_forbidden`, `passkey_refused`
   */
  async close({
    caseId,
    outcome,
    tell,
    actor,
    proof,
  }: {
    readonly caseId: string
    readonly outcome: EmptyOutcome
    readonly tell: boolean
    readonly actor: Actor
    readonly proof?: PasskeyProof | undefined
  }): Promise<void> {
    const { db, store, clock } = this.#ports
    const deskCase = this.#openCase(caseId)
    actor.may(db, "handle")
    const telling = await tellingOf(store, { request: deskCase.request, outcome, tell, nowMs: clock.nowMs() })
    actor.confirms({ act: "close", subject: caseId, proof })
    const decision = { outcome, told: telling.told, disclosed: [], exportDigest: undefined }
    this.#end(deskCase, actor, decision, { note: () => noteTelling(db, caseId, telling, () => []) })
  }

  /**
   * Makes the archive of an approved case, keeps it for download (`readKeptArchive`), and ends the case. `keep` may put it elsewhere too: it
   * must have the bytes on the disk when it returns, and what it kept may be shown only after this resolves; all this before the notice is
   * written. A case of which nothing can be handed over ends as rejected, and its archive holds the technical statement. `tell` as in `close`.
   * In the console `proof` confirms it.
   * @throws ServerError `desk_refused`, `desk_damaged`, `operator_unknown`, `operator_forbidden`, `passkey_refused`
   */
  async export({
    caseId,
    tell,
    actor,
    proof,
    keep,
  }: {
    readonly caseId: string
    readonly tell: boolean
    readonly actor: Actor
    readonly proof?: PasskeyProof | undefined
    readonly keep?: ((archive: Archive) => void) | undefined
  }): Promise<{ readonly archive: Archive; readonly outcome: Outcome }> {
    const { db, store, clock, archives, archivesPath } = this.#ports
    actor.may(db, "handle")
    const approved = ApprovedCase.of(db, caseId)
    ReservedSlot.of(db, caseId)
    actor.confirms({ act: "export", subject: caseId, proof })
    const { request } = approved.case
    const { granted, beyond, impossible } = scopeOf(request)
    // First, so that nobody who registers in the meantime is told about data that was not theirs.
    const telling: TellingPlan = await tellingOf(store, { request, outcome: undefined, tell, nowMs: clock.nowMs() })
    const archive = await archives.ofCase(caseId)
    const { held, found } = archive
    const outcome = !found || granted.length === 0 ? "rejected" : beyond.length + impossible.length > 0 ? "partial" : "full"
    const disclosed = granted.filter((name) => [...held.values()].some((classes) => classes.includes(name)))
    const note = (): void => noteTelling(db, caseId, telling, (asked) => held.get(asked) ?? [])
    const handOver = (): void => {
      keepArchive(archivesPath, caseId, archive)
      keep?.(archive)
    }
    const decision = { outcome, told: telling.told, disclosed, exportDigest: archive.digest } as const
    try {
      this.#end(approved.case, actor, decision, { note, handOver })
    } catch (error) {
      if (readCase(db, caseId).outcome === undefined) dropArchive(archivesPath, caseId)
      throw error
    }
    return { archive, outcome }
  }

  /** What `caseLines` says. */
  page(before: string | undefined): ReturnType<typeof caseLines> {
    return caseLines(this.#ports.db, before)
  }

  /** What `caseView` says. */
  view(caseId: string, actor: Actor): OperatorCase {
    return caseView(this.#ports, caseId, actor)
  }

  /** What `caseCounts` says. */
  counts(): ReturnType<typeof caseCounts> {
    return caseCounts(this.#ports.db)
  }

  /** A document of this case, by its hash. @throws ServerError `desk_refused`, `desk_damaged` */
  document(caseId: string, contentHash: Uint8Array): Uint8Array {
    const { db, documentsPath } = this.#ports
    const document = readCase(db, caseId).documents.find((one) => equal(one.contentHash, contentHash))
    if (document === undefined) throw refused("The case has no such document.")
    return readDocument(documentsPath, document)
  }

  /** What `readKeptArchive` says. */
  archive(caseId: string, actor: Actor): ReturnType<typeof readKeptArchive> {
    return readKeptArchive(this.#ports, { caseId, actor })
  }

  /** What `sweepArchives` says. */
  sweep(): number {
    return sweepArchives(this.#ports)
  }

  cases(): readonly DeskCase[] {
    const rows = this.#ports.db.all<{ case_id: string }>("SELECT case_id FROM cases ORDER BY opened_at_ms, case_id")
    return rows.map((row) => readCase(this.#ports.db, row.case_id))
  }

  /** @throws ServerError `desk_refused`, `desk_damaged` */
  show(caseId: string): { readonly case: DeskCase; readonly approvers: readonly Person[] } {
    const deskCase = readCase(this.#ports.db, caseId)
    return { case: deskCase, approvers: approversOf(this.#ports.db, deskCase) }
  }

  #openCase(caseId: string): DeskCase {
    const deskCase = readCase(this.#ports.db, caseId)
    if (deskCase.outcome !== undefined) throw refused(`The case is closed: ${deskCase.outcome}.`)
    return deskCase
  }

  /** Both run before the case counts as closed, while nobody else can change it. `note` records who is told. */
  #end(
    deskCase: DeskCase,
    actor: Actor,
    decision: Decision,
    { note, handOver }: { readonly note: () => void; readonly handOver?: () => void },
  ): void {
    const { db, clock } = this.#ports
    const { caseId } = deskCase
    const { outcome, disclosed, exportDigest, told } = decision
    this.#step("case_closed", caseId, { outcome, disclosed, export: exportDigest ?? null, told }, () => {
      const { name } = actor.may(db, "handle")
      if (!equal(caseDigest(this.#openCase(caseId)), caseDigest(deskCase)))
        throw refused("The case has changed in the meantime. Start again.")
      if (handOver !== undefined) ApprovedCase.of(db, caseId)
      db.run("UPDATE cases SET outcome = ?, closed_at_ms = ? WHERE case_id = ?", outcome, clock.nowMs(), caseId)
      const body = canonicalJson(noticeBody(deskCase, decision))
      const noticed = db.run("UPDATE notices SET body = ? WHERE case_id = ? AND body IS NULL", body, caseId)
      assert(noticed === 1, "every case has its place in the log")
      note()
      handOver?.()
      return { actor: name, result: undefined }
    })
  }

  #step<T>(
    event: string,
    caseId: string,
    facts: Parameters<typeof auditedStep>[1]["facts"],
    run: () => { readonly actor: string; readonly result: T },
  ): T {
    const { db, clock } = this.#ports
    return auditedStep(db, { clock, event, caseId, facts }, run)
  }
}

/** What stands in an approval's row. @throws ServerError `operator_unknown`, `passkey_refused` */
function signedBy({
  caseId,
  digest,
  actor,
  by,
}: {
  readonly caseId: string
  readonly digest: Uint8Array
  readonly actor: Actor
  readonly by: ApprovedBy
}): Parameters<typeof approvalHolds>[2] & { readonly credentialId: Uint8Array } {
  if (by.kind === "key") {
    if (!equal(by.key.publicKey, actor.credentialId))
      throw new ServerError("operator_unknown", "The key belongs to somebody else than the person who acts.")
    const signature = serverCrypto.signEd25519({ privateKey: by.key.privateKey, message: approvalInput(digest) })
    return { credentialId: actor.credentialId, signature, authenticator_data: null, client_data: null }
  }
  actor.confirms({ act: "approve", subject: caseId, proof: by.proof })
  const { assertion, credentialId } = by.proof.checked
  assert(assertion !== undefined, "a confirmation is something signed")
  return {
    credentialId,
    signature: assertion.signature,
    authenticator_data: assertion.authenticatorData,
    client_data: assertion.clientData,
  }
}

function refused(message: string): ServerError {
  return new ServerError("desk_refused", message)
}
