// The person who acts, with a key or a passkey. Each step looks up whether they still may.

import { assert, equal } from "@nodoor/bytes"
import type { ConfirmedAct, OperatorRole } from "@nodoor/wire/operator"
import { type SigningKey, signingKey } from "../../keylog/keeper/log-keys.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import type { PasskeyProof } from "./passkey-proof.ts"
import { type Person, type Right, holderOf, requireRight } from "./person.ts"

export class Actor {
  readonly #credentialId: Uint8Array
  readonly #kind: "key" | "passkey"
  readonly operatorId: number
  readonly name: string
  /** As it was when they came; `now` looks it up. */
  readonly role: OperatorRole

  private constructor(db: Database, credentialId: Uint8Array) {
    const { person, credential } = holderOf(db, credentialId)
    this.#credentialId = credential.credentialId
    this.#kind = credential.kind
    this.operatorId = person.operatorId
    this.name = person.name
    this.role = person.role
  }

  /** Whose key this is; both halves are needed. @throws ServerError `operator_unknown` */
  static ofKey(db: Database, { privateKey, publicKey }: SigningKey): Actor {
    assert(equal(signingKey(privateKey).publicKey, publicKey), "the halves of one key")
    return new Actor(db, publicKey)
  }

  /** The person who has just signed in or enrolled. A confirmation of one act is not a sign-in. @throws ServerError `operator_unknown`, `passkey_refused` */
  static ofPasskey(db: Database, proof: PasskeyProof): Actor {
    const { purpose, credentialId } = proof.checked
    assert(purpose.kind !== "confirm", "a proof of who it is")
    proof.spend()
    return new Actor(db, credentialId)
  }

  /** The credential that is at hand. */
  get credentialId(): Uint8Array {
    assert(#credentialId in this, "somebody who proved who they are")
    return this.#credentialId
  }

  /** Looked up again: themselves, as long as they and their credential count. @throws ServerError `operator_unknown` */
  now(db: Database): Person {
    return holderOf(db, this.credentialId).person
  }

  /** @throws ServerError `operator_unknown`, `operator_forbidden` */
  may(db: Database, right: Right): Person {
    const person = this.now(db)
    requireRight(person, right)
    return person
  }

  /**
   * Somebody in the console confirms the act with their passkey, once; a key is at hand anyway.
   * @throws ServerError `passkey_refused`
   */
  confirms({
    act,
    subject,
    proof,
  }: {
    readonly act: ConfirmedAct
    readonly subject: string
    readonly proof: PasskeyProof | undefined
  }): void {
    assert(#kind in this, "somebody who proved who they are")
    if (this.#kind === "key" && proof === undefined) return
    const checked = proof?.checked
    const { purpose } = checked ?? {}
    if (purpose?.kind !== "confirm" || purpose.act !== act || purpose.subject !== subject || checked?.operatorId !== this.operatorId)
      throw new ServerError(
        "passkey_refused",
        "This needs a confirmation by the passkey of the person who does it, for this and nothing else.",
      )
    proof?.spend()
  }
}
