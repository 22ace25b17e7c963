// Who may act, and in which role. The first two need nobody's approval. After that, an owner approves each new person. At least one of
// the people stays an owner, removed names and credentials do not come back, and nobody can add a passkey for somebody else.

import { equal, toHex } from "@nodoor/bytes"
import type { OperatorEnrolment, OperatorPerson, OperatorRole } from "@nodoor/wire/operator"
import { sha256 } from "../../core/crypto.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Actor } from "./actor.ts"
import { auditedStep } from "../store/desk-database.ts"
import { type Enrolment, type EnrolmentPorts, type Link, enrolmentOf, forgetOldLinks, makeLink, useUp, waitingLinks } from "./enrolment.ts"
import type { PasskeyProof } from "./passkey-proof.ts"
import { isPersonName, looksLike } from "./person-name.ts"
import { type Person, activePeople, allCredentials, allPeople } from "./person.ts"

export class People {
  readonly #ports: EnrolmentPorts

  constructor(ports: EnrolmentPorts) {
    this.#ports = ports
  }

  /**
   * Lets the holder of a key act; with one's own name, a further key of one's own. Without `role` the first two become owners, later ones
   * operators. Keys are for the command line: the voucher has one too.
   * @throws ServerError `desk_refused`, `operator_unknown`, `operator_forbidden`, `passkey_refused`
   */
  addKey({
    name,
    publicKey,
    role,
    voucher,
  }: {
    readonly name: string
    readonly publicKey: Uint8Array
    readonly role?: OperatorRole | undefined
    readonly voucher: Actor | undefined
  }): void {
    const becomes = role ?? this.#usualRole(name, voucher)
    this.#step("operator_added", { operator: name, role: becomes, publicKey: toHex(publicKey) }, () => {
      voucher?.confirms({ act: "people", subject: name, proof: undefined })
      const actor = this.#vouched({ name, role: becomes, voucher })
      this.#addCredential(this.#personFor({ name, role: becomes }), {
        credentialId: publicKey,
        publicKey,
        kind: "key",
        label: "key",
        signCount: 0,
      })
      return { actor, result: undefined }
    })
  }

  /**
   * Makes a link with which somebody enrols a passkey, good once and for a day; with one's own name, a further one of one's own. A new link
   * for a name replaces the one before. In the console `proof` confirms it.
   * @throws ServerError `desk_refused`, `operator_unknown`, `operator_forbidden`, `passkey_refused`
   */
  invite({
    name,
    role,
    voucher,
    proof,
  }: {
    readonly name: string
    readonly role?: OperatorRole | undefined
    readonly voucher: Actor | undefined
    readonly proof?: PasskeyProof | undefined
  }): { readonly link: string; readonly expiresAtMs: number } {
    const becomes = role ?? this.#usualRole(name, voucher)
    return this.#step("operator_invited", { operator: name, role: becomes }, () => {
      voucher?.confirms({ act: "people", subject: name, proof })
      const actor = this.#vouched({ name, role: becomes, voucher })
      const { link, expiresAtMs } = makeLink(this.#ports, { name, role: becomes, invitedBy: voucher?.operatorId, recovery: false })
      return { actor, result: { link, expiresAtMs } }
    })
  }

  /**
   * For somebody whose keys and passkeys are all lost, from the machine's command line: a link that works after three days, for one day,
   * and replaces all that the person had. It never makes a new person, there is one at a time, and everybody sees it among the links until
   * then: an owner ends it with `changeRole`, also to the role that the person has.
   * @throws ServerError `desk_refused`
   */
  recover(name: string): Link {
    return this.#step("recovery_begun", { operator: name }, () => {
      const person = this.#active(name)
      const other = waitingLinks(this.#ports).find((link) => link.recovery && link.name !== name)
      if (other !== undefined) throw refused(`${other.name} is already being recovered. Only one person can be recovered at a time.`)
      return { actor: "server", result: makeLink(this.#ports, { name, role: person.role, invitedBy: undefined, recovery: true }) }
    })
  }

  /** For whom a link is. @throws ServerError `enrolment_invalid` */
  enrolmentOf(code: string): Enrolment {
    return enrolmentOf(this.#ports, code)
  }

  /** Takes a passkey that was checked for this link; the link is used up. @throws ServerError `enrolment_invalid`, `desk_refused` */
  enrol({ code, proof, label }: { readonly code: string; readonly proof: PasskeyProof; readonly label: string }): void {
    const { db, clock } = this.#ports
    const { purpose, credentialId, publicKey, signCount } = proof.checked
    if (purpose.kind !== "enrol") throw new ServerError("passkey_refused", "This is not a new passkey.")
    if (!/^[^\p{Cc}\p{Cf}]{1,64}$/u.test(label)) throw refused("A passkey's name must be one line of at most 64 characters.")
    const { name, recovery } = this.enrolmentOf(code)
    this.#step("passkey_enrolled", { operator: name, credential: toHex(sha256(credentialId)), recovery }, () => {
      const enrolment = useUp(this.#ports, code)
      const operatorId = this.#personFor(enrolment)
      if (enrolment.recovery)
        db.run("UPDATE credentials SET removed_at_ms = ? WHERE operator_id = ? AND removed_at_ms IS NULL", clock.nowMs(), operatorId)
      this.#addCredential(operatorId, { credentialId, publicKey, kind: "passkey", label, signCount })
      return { actor: name, result: undefined }
    })
  }

  /** Also ends links of that name. @throws ServerError `desk_refused`, `operator_unknown`, `operator_forbidden`, `passkey_refused` */
  changeRole({
    name,
    role,
    actor,
    proof,
  }: {
    readonly name: string
    readonly role: OperatorRole
    readonly actor: Actor
    readonly proof?: PasskeyProof | undefined
  }): void {
    const { db } = this.#ports
    this.#step("operator_role_changed", { operator: name, role }, () => {
      actor.confirms({ act: "people", subject: name, proof })
      const by = actor.may(db, "people")
      const person = this.#active(name)
      if (role !== "owner") this.#staysOwned(person)
      db.run("UPDATE operators SET role = ? WHERE operator_id = ?", role, person.operatorId)
      db.run("DELETE FROM enrolments WHERE name = ?", name)
      return { actor: by.name, result: undefined }
    })
  }

  /** Removes a person, all their credentials and the links they made; or a link that nobody has used yet. @throws ServerError as `changeRole` */
  remove({ name, actor, proof }: { readonly name: string; readonly actor: Actor; readonly proof?: PasskeyProof | undefined }): void {
    const { db, clock } = this.#ports
    this.#step("operator_removed", { operator: name }, () => {
      actor.confirms({ act: "people", subject: name, proof })
      const by = actor.may(db, "people")
      const links = db.run("DELETE FROM enrolments WHERE name = ?", name)
      const person = activePeople(db).find((one) => one.name === name)
      if (person === undefined && links === 0) throw refused("Nobody with this name can act here.")
      if (person !== undefined) {
        this.#staysOwned(person)
        const { operatorId } = person
        db.run("UPDATE operators SET removed_at_ms = ? WHERE operator_id = ?", clock.nowMs(), operatorId)
        db.run("UPDATE credentials SET removed_at_ms = ? WHERE operator_id = ? AND removed_at_ms IS NULL", clock.nowMs(), operatorId)
        db.run("DELETE FROM enrolments WHERE invited_by = ?", operatorId)
      }
      return { actor: by.name, result: undefined }
    })
  }

  /** What the console shows of them; `actor` is who asks. @throws ServerError `operator_unknown` */
  view(actor: Actor): { readonly people: readonly OperatorPerson[]; readonly enrolments: readonly OperatorEnrolment[] } {
    const { db } = this.#ports
    const me = actor.may(db, "read")
    const credentials = allCredentials(db).filter(({ removedAtMs }) => removedAtMs === undefined)
    const people = allPeople(db).map(({ operatorId, name, role, addedAtMs, removedAtMs }) => ({
      name,
      role,
      addedAtMs,
      ...(removedAtMs === undefined ? {} : { removedAtMs }),
      me: operatorId === me.operatorId,
      credentials: credentials
        .filter((one) => one.operatorId === operatorId)
        .map((one) => ({
          id: toHex(one.credentialId),
          kind: one.kind,
          label: one.label,
          addedAtMs: one.addedAtMs,
          ...(one.usedAtMs === undefined ? {} : { usedAtMs: one.usedAtMs }),
        })),
    }))
    const enrolments = waitingLinks(this.#ports).map(({ name, role, expiresAtMs, recovery, usableAtMs }) => ({
      name,
      role,
      expiresAtMs,
      ...(recovery ? { recoveryAtMs: usableAtMs } : {}),
    }))
    return { people, enrolments }
  }

  /** Forgets links that nobody used. */
  sweep(): void {
    forgetOldLinks(this.#ports)
  }

  /** Whether somebody may let that name in; answers who says so. */
  #vouched({ name, role, voucher }: { readonly name: string; readonly role: OperatorRole; readonly voucher: Actor | undefined }): string {
    const { db } = this.#ports
    const known = allPeople(db).find((person) => person.name === name)
    if (known === undefined && !isPersonName(name))
      throw refused("A name can have letters and digits, with single spaces, dots and hyphens between them, up to 64 characters.")
    const others = [...allPeople(db), ...waitingLinks(this.#ports)].filter((one) => one.name !== name)
    if (known === undefined && others.some((one) => looksLike(one.name, name)))
      throw refused("The name looks like that of somebody who is here, was here, or has a link. Choose another.")
    if (known?.removedAtMs !== undefined) throw refused("The name belonged to somebody who was removed. Choose another.")
    if (voucher === undefined) {
      if (known !== undefined) throw refused("The name is taken. To add a key or passkey of your own, use one that you already have.")
      const waiting = waitingLinks(this.#ports).filter((link) => link.name !== name)
      if (allPeople(db).length + waiting.length >= 2) throw refused("An owner must approve a new person. Add --key FILE.")
      if (role !== "owner" && !activePeople(db).some((person) => person.role === "owner"))
        throw refused("The first person must be an owner.")
      return "server"
    }
    if (known === undefined) return voucher.may(db, "people").name
    const person = voucher.now(db)
    if (known.operatorId !== person.operatorId) throw refused("The name is taken. Only that person can add a key or passkey for it.")
    if (role !== person.role) throw refused(`${name} has the role ${person.role}. A link for yourself can't change it.`)
    return person.name
  }

  #usualRole(name: string, voucher: Actor | undefined): OperatorRole {
    const own = voucher?.name === name ? voucher.now(this.#ports.db).role : undefined
    return own ?? (voucher === undefined ? "owner" : "operator")
  }

  /** The person of that name, made if there is none yet. */
  #personFor({ name, role }: Pick<Enrolment, "name" | "role">): number {
    const { db, clock } = this.#ports
    const known = activePeople(db).find((person) => person.name === name)
    if (known !== undefined) return known.operatorId
    // Somebody with another link for the name must not get access to what now belongs to this person.
    db.run("DELETE FROM enrolments WHERE name = ?", name)
    if (allPeople(db).length >= peopleMax) throw refused(`This server has had ${peopleMax} people, which is the most it can have.`)
    db.run("INSERT INTO operators (name, role, added_at_ms) VALUES (?, ?, ?)", name, role, clock.nowMs())
    return (activePeople(db).find((person) => person.name === name) as Person).operatorId
  }

  #addCredential(
    operatorId: number,
    {
      credentialId,
      publicKey,
      kind,
      label,
      signCount,
    }: {
      readonly credentialId: Uint8Array
      readonly publicKey: Uint8Array
      readonly kind: "key" | "passkey"
      readonly label: string
      readonly signCount: number
    },
  ): void {
    const { db, clock } = this.#ports
    const credentials = allCredentials(db)
    if (credentials.some((one) => equal(one.credentialId, credentialId) || equal(one.publicKey, publicKey)))
      throw refused("The key or passkey is in use, or was removed. Make a new one.")
    if (credentials.filter((one) => one.operatorId === operatorId && one.removedAtMs === undefined).length >= credentialsMax)
      throw refused(`A person can have at most ${credentialsMax} keys and passkeys. Remove one first.`)
    db.run(
      "INSERT INTO credentials (credential_id, operator_id, kind, public_key, label, sign_count, added_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
      credentialId,
      operatorId,
      kind,
      publicKey,
      label,
      signCount,
      clock.nowMs(),
    )
  }

  /** @throws ServerError `desk_refused` */
  #active(name: string): Person {
    const person = activePeople(this.#ports.db).find((one) => one.name === name)
    if (person === undefined) throw refused("Nobody with this name can act here.")
    return person
  }

  #staysOwned({ operatorId }: Person): void {
    if (!activePeople(this.#ports.db).some((one) => one.role === "owner" && one.operatorId !== operatorId))
      throw refused("The last owner can't be removed or get another role. Make somebody else an owner first.")
  }

  #step<T>(
    event: string,
    facts: { readonly [name: string]: string | boolean },
    run: () => { readonly actor: string; readonly result: T },
  ): T {
    const { db, clock } = this.#ports
    return auditedStep(db, { clock, event, caseId: undefined, facts }, run)
  }
}

/** As the console's answer holds them. */
const [peopleMax, credentialsMax] = [256, 32] as const

function refused(message: string): ServerError {
  return new ServerError("desk_refused", message)
}
