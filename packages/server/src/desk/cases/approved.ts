// What every export needs: a case that two people approved, and its place in the public log. Both can only be read
// from the desk's file, where every signature is checked again.

import { assert } from "@nodoor/bytes"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import { type DeskCase, approvalsNeeded, approversOf, readCase } from "./case.ts"
import type { Person } from "../people/person.ts"

/** A case with enough signatures over it as it stands, and no outcome yet. */
export class ApprovedCase {
  readonly #case: DeskCase
  readonly #approvers: readonly Person[]

  private constructor(deskCase: DeskCase, approvers: readonly Person[]) {
    this.#case = deskCase
    this.#approvers = approvers
  }

  /** @throws ServerError `desk_refused` if it is closed or approvals are missing, `desk_damaged` */
  static of(db: Database, caseId: string): ApprovedCase {
    const deskCase = readCase(db, caseId)
    if (deskCase.outcome !== undefined) throw new ServerError("desk_refused", `The case is closed: ${deskCase.outcome}.`)
    const approvers = approversOf(db, deskCase)
    if (approvers.length < approvalsNeeded) {
      const missing = approvalsNeeded - approvers.length
      throw new ServerError(
        "desk_refused",
        `${missing === 1 ? "One more person" : `${missing} more people`} must approve the case in its present form, in the console or with nodoor-server desk approve ${caseId} --key FILE.`,
      )
    }
    return new ApprovedCase(deskCase, approvers)
  }

  /** Refuses anything that only looks like one. */
  get case(): DeskCase {
    assert(#case in this, "a case that the desk approved")
    return this.#case
  }

  get approvers(): readonly Person[] {
    return this.#approvers
  }
}

/** The place in the public log that was taken when the case was opened, still empty. */
export class ReservedSlot {
  readonly #caseId: string
  readonly #gagUntil: string

  private constructor(caseId: string, gagUntil: string) {
    this.#caseId = caseId
    this.#gagUntil = gagUntil
  }

  /** @throws ServerError `desk_damaged` if there is none: somebody removed it, and nothing may be handed over without a public trace */
  static of(db: Database, caseId: string): ReservedSlot {
    const row = db.get<{ gag_until: string }>("SELECT gag_until FROM notices WHERE case_id = ? AND body IS NULL", caseId)
    if (row === undefined)
      throw new ServerError(
        "desk_damaged",
        "The case has no reserved place in the public log, and nothing is handed over without one. Somebody changed the desk's file.",
      )
    return new ReservedSlot(caseId, row.gag_until)
  }

  get caseId(): string {
    assert(#caseId in this, "a slot that the desk reserved")
    return this.#caseId
  }

  get gagUntil(): string {
    return this.#gagUntil
  }
}
