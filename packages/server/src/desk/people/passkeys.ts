// Passkeys of the people at the desk: what the browser is asked, and what its answers allow.

import { toHex, toUtf8 } from "@nodoor/bytes"
import { type ConfirmedAct, operatorLimits } from "@nodoor/wire/operator"
import { generateAuthenticationOptions, generateRegistrationOptions } from "@simplewebauthn/server"
import { sha256 } from "../../core/crypto.ts"
import type { Clock, Random } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import { Actor } from "./actor.ts"
import { passkeyAlgorithms } from "./assertion.ts"
import { Challenges } from "./challenges.ts"
import { inTransaction } from "../store/desk-database.ts"
import type { Enrolment } from "./enrolment.ts"
import { PasskeyProof, type RelyingParty, challengeIn, credentialIdText, relyingPartyOf } from "./passkey-proof.ts"
import type { People } from "./people.ts"
import { activePeople, allCredentials } from "./person.ts"

export interface PasskeyPorts {
  /** The desk's. */
  readonly db: Database
  readonly people: People
  readonly clock: Clock
  readonly random: Random
  /** `host` or `host:port` of the console. */
  readonly consoleOrigin: string
  /** What a passkey signs to approve this case as it stands now. @throws ServerError `desk_refused` if there is no such case */
  readonly approvalChallenge: (caseId: string) => Uint8Array
}

export class Passkeys {
  readonly #ports: PasskeyPorts
  readonly #party: RelyingParty
  /** Kept apart, so that strangers who ask for sign-ins can't push out the challenges of people who are signed in or have a link. */
  readonly #strangers: Challenges
  readonly #known: Challenges

  constructor(ports: PasskeyPorts) {
    this.#ports = ports
    this.#party = relyingPartyOf(ports.consoleOrigin)
    this.#strangers = new Challenges(ports)
    this.#known = new Challenges(ports)
  }

  /** PublicKeyCredentialCreationOptionsJSON for whom the link is. @throws ServerError `enrolment_invalid` */
  async enrolOptions(code: string): Promise<{ readonly options: string } & Enrolment> {
    const { db, people } = this.#ports
    const enrolment = people.enrolmentOf(code)
    const { name } = enrolment
    const challenge = this.#known.make(enrolling(code), { kind: "enrol" })
    const options = await generateRegistrationOptions({
      rpName: this.#party.id,
      rpID: this.#party.id,
      userName: name,
      userDisplayName: name,
      userID: plain(handleOf(name)),
      challenge: plain(challenge),
      timeout: operatorLimits.challengeMs,
      attestationType: "none",
      excludeCredentials: passkeysOf(db, name).map((credentialId) => ({ id: credentialIdText(credentialId) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      supportedAlgorithmIDs: [...passkeyAlgorithms],
    })
    return { options: JSON.stringify(options), ...enrolment }
  }

  /** Takes the new passkey, and lets its person in. @throws ServerError `enrolment_invalid`, `passkey_refused`, `desk_refused` */
  async enrol({ code, response, label }: { readonly code: string; readonly response: string; readonly label: string }): Promise<Actor> {
    const { db, people } = this.#ports
    people.enrolmentOf(code)
    const challenge = challengeIn(response)
    this.#known.take(enrolling(code), challenge)
    const proof = await PasskeyProof.ofRegistration(response, { challenge, party: this.#party })
    people.enrol({ code, proof, label })
    return Actor.ofPasskey(db, proof)
  }

  /** PublicKeyCredentialRequestOptionsJSON for anybody: the passkey itself says who it is. */
  async signInOptions(): Promise<string> {
    return this.#options(this.#strangers.make("sign-in", { kind: "sign-in" }), [])
  }

  /** @throws ServerError `passkey_refused`, `operator_unknown` */
  async signIn(response: string): Promise<Actor> {
    const { db } = this.#ports
    const challenge = challengeIn(response)
    const purpose = this.#strangers.take("sign-in", challenge)
    const proof = await PasskeyProof.ofAssertion(db, response, { challenge, party: this.#party, purpose, handleOf, mustName: true })
    this.#used(proof)
    return Actor.ofPasskey(db, proof)
  }

  /**
   * PublicKeyCredentialRequestOptionsJSON for one act of this person. For "approve" the challenge is the hash of the case as it stands, so
   * that the answer proves forever what was approved. For other acts it is random, and only this server knows its meaning.
   * @throws ServerError `operator_unknown`, `desk_refused` if there is no such case
   */
  async confirmOptions({
    actor,
    act,
    subject,
  }: {
    readonly actor: Actor
    readonly act: ConfirmedAct
    readonly subject: string
  }): Promise<string> {
    const { db } = this.#ports
    const { name } = actor.now(db)
    const challenge = act === "approve" ? this.#ports.approvalChallenge(subject) : undefined
    const made = this.#known.make(`confirm ${actor.operatorId}`, { kind: "confirm", act, subject }, challenge)
    return this.#options(made, passkeysOf(db, name))
  }

  /**
   * The proof that `Desk` and `People` ask for, for this act of this person and no other.
   * @throws ServerError `passkey_refused`, `operator_unknown`
   */
  async confirm({
    actor,
    act,
    subject,
    response,
  }: {
    readonly actor: Actor
    readonly act: ConfirmedAct
    readonly subject: string
    readonly response: string
  }): Promise<PasskeyProof> {
    const { db } = this.#ports
    actor.now(db)
    const challenge = challengeIn(response)
    const purpose = this.#known.take(`confirm ${actor.operatorId}`, challenge)
    if (purpose.kind !== "confirm" || purpose.act !== act || purpose.subject !== subject) throw refused()
    const proof = await PasskeyProof.ofAssertion(db, response, { challenge, party: this.#party, purpose, handleOf, mustName: false })
    if (proof.checked.operatorId !== actor.operatorId) throw refused()
    this.#used(proof)
    return proof
  }

  async #options(challenge: Uint8Array, allowed: readonly Uint8Array[]): Promise<string> {
    const options = await generateAuthenticationOptions({
      rpID: this.#party.id,
      challenge: plain(challenge),
      timeout: operatorLimits.challengeMs,
      userVerification: "required",
      allowCredentials: allowed.map((credentialId) => ({ id: credentialIdText(credentialId) })),
    })
    return JSON.stringify(options)
  }

  /** Notes the counter, which must not have moved on meanwhile: two answers at once come from two authenticators. */
  #used(proof: PasskeyProof): void {
    const { db, clock } = this.#ports
    const { credentialId, signCount } = proof.checked
    inTransaction(db, () => {
      const changed = db.run(
        "UPDATE credentials SET sign_count = ?1, used_at_ms = ?2 WHERE credential_id = ?3 AND (sign_count < ?1 OR (sign_count = 0 AND ?1 = 0)) AND removed_at_ms IS NULL",
        signCount,
        clock.nowMs(),
        credentialId,
      )
      if (changed !== 1) throw refused()
    })
  }
}

function enrolling(code: string): string {
  return `enrol ${toHex(sha256(toUtf8(code)))}`
}

/** Under which a person's passkeys are made (WebAuthn Level 3 §5.4.3, `user.id`), 32 bytes: the same for all of one person, and no name. */
function handleOf(name: string): Uint8Array {
  return sha256(toUtf8(`nodoor/operator-handle/v1\0${name}`))
}

function passkeysOf(db: Database, name: string): readonly Uint8Array[] {
  const person = activePeople(db).find((one) => one.name === name)
  return allCredentials(db)
    .filter((one) => one.kind === "passkey" && one.removedAtMs === undefined && one.operatorId === person?.operatorId)
    .map(({ credentialId }) => credentialId)
}

/** A copy with memory of its own, as the library's types want it. */
function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}

function refused(): ServerError {
  return new ServerError(
    "passkey_refused",
    "The passkey's answer does not hold here: it is for something else, was used, or came too late. Begin again.",
  )
}
