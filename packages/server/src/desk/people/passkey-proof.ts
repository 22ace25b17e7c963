// A checked answer of a passkey. The only way to make one is to check it, and each is for one purpose.

import { CodecError, assert, equal, fromBase64Url, fromUtf8, toBase64Url } from "@nodoor/bytes"
import { type ConfirmedAct, operatorLimits } from "@nodoor/wire/operator"
import { type VerifiedRegistrationResponse, verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server"
import * as v from "valibot"
import { isLoopbackOrigin } from "../../core/address.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import { type Assertion, assertionHolds, isPasskeyKey, passkeyAlgorithms } from "./assertion.ts"
import { holderOf } from "./person.ts"

/** What an answer is good for. `subject` is the case's id, the account's in hexadecimal, or a person's name. */
export type Purpose =
  | { readonly kind: "enrol" }
  | { readonly kind: "sign-in" }
  | { readonly kind: "confirm"; readonly act: ConfirmedAct; readonly subject: string }

/** For whom passkeys are made (WebAuthn Level 3 §5.1.2): the host without a port, and the one page address they work on. */
export interface RelyingParty {
  readonly id: string
  readonly origin: string
}

/** `origin`: `host` or `host:port`. */
export function relyingPartyOf(origin: string): RelyingParty {
  return { id: origin.replace(/:\d+$/, ""), origin: `${isLoopbackOrigin(origin) ? "http" : "https"}://${origin}` }
}

interface Checked {
  readonly purpose: Purpose
  readonly credentialId: Uint8Array
  /** Undefined until enrolled. */
  readonly operatorId: number | undefined
  /** COSE. */
  readonly publicKey: Uint8Array
  readonly signCount: number
  readonly assertion: Assertion | undefined
}

export class PasskeyProof {
  readonly #checked: Checked
  #spent = false

  private constructor(checked: Checked) {
    this.#checked = checked
  }

  /**
   * Checks a new passkey (WebAuthn Level 3 §7.1): our challenge, our page, the person verified, a key of ours to check, and no claim about its maker.
   * @throws ServerError `passkey_refused`
   */
  static async ofRegistration(
    text: string,
    { challenge, party }: { readonly challenge: string; readonly party: RelyingParty },
  ): Promise<PasskeyProof> {
    const response = parsed(registration, text)
    sameOrigin(response.response.clientDataJSON)
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as Parameters<typeof verifyRegistrationResponse>[0]["response"],
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...passkeyAlgorithms],
    }).catch((error: unknown): VerifiedRegistrationResponse => {
      throw refused(error)
    })
    // Browsers keep only self-signed statements and remove all others. Neither proves anything.
    if (!verified || registrationInfo === undefined || !["none", "packed"].includes(registrationInfo.fmt)) throw refused(undefined)
    const { id, publicKey, counter } = registrationInfo.credential
    const credentialId = bytesOf(id)
    if (credentialId.length === 0 || credentialId.length > 1023 || !isPasskeyKey(publicKey)) throw refused(undefined)
    return new PasskeyProof({
      purpose: { kind: "enrol" },
      credentialId,
      operatorId: undefined,
      publicKey: new Uint8Array(publicKey),
      signCount: counter,
      assertion: undefined,
    })
  }

  /**
   * Checks an answer of a known passkey (WebAuthn Level 3 §7.2): our challenge, our page, the person verified, a counter that did not go
   * back. `handleOf` says under which handle a person's passkeys were made; `mustName`: the answer has to bring it.
   * @throws ServerError `passkey_refused`, `operator_unknown`
   */
  static async ofAssertion(
    db: Database,
    text: string,
    about: {
      readonly challenge: string
      readonly party: RelyingParty
      readonly purpose: Purpose
      readonly handleOf: (name: string) => Uint8Array
      readonly mustName: boolean
    },
  ): Promise<PasskeyProof> {
    const response = parsed(authentication, text)
    sameOrigin(response.response.clientDataJSON)
    const { person, credential } = holderOf(db, bytesOf(response.id))
    const { userHandle } = response.response
    const named =
      userHandle === undefined || userHandle === null ? !about.mustName : equal(bytesOf(userHandle), about.handleOf(person.name))
    if (credential.kind !== "passkey" || !named) throw refused(undefined)
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as Parameters<typeof verifyAuthenticationResponse>[0]["response"],
      expectedChallenge: about.challenge,
      expectedOrigin: about.party.origin,
      expectedRPID: about.party.id,
      requireUserVerification: true,
      credential: { id: response.id, publicKey: new Uint8Array(credential.publicKey), counter: credential.signCount },
    }).catch((error: unknown) => {
      throw refused(error)
    })
    const assertion = {
      authenticatorData: bytesOf(response.response.authenticatorData),
      clientData: bytesOf(response.response.clientDataJSON),
      signature: bytesOf(response.response.signature),
    }
    // As what is kept is checked later: the library takes signatures whose encoding is bent, and one kept with an approval would
    // look like one that somebody wrote past the desk.
    const challenge = bytesOf(about.challenge)
    if (!verified || !assertionHolds({ publicKey: credential.publicKey, assertion, challenge })) throw refused(undefined)
    return new PasskeyProof({
      purpose: about.purpose,
      credentialId: credential.credentialId,
      operatorId: person.operatorId,
      publicKey: credential.publicKey,
      signCount: authenticationInfo.newCounter,
      assertion,
    })
  }

  /** Its purpose. Refuses anything that only looks like a proof. */
  get checked(): Checked {
    assert(#checked in this, "an answer that was checked")
    return this.#checked
  }

  /** Good once. @throws ServerError `passkey_refused` */
  spend(): void {
    assert(#spent in this, "an answer that was checked")
    if (this.#spent) throw refused(undefined)
    this.#spent = true
  }
}

/** The challenge that an answer says it is for: to be looked up, not yet to be trusted. @throws ServerError `passkey_refused` */
export function challengeIn(text: string): string {
  const { response } = parsed(v.object({ response: v.object({ clientDataJSON: base64Url(8192) }) }), text)
  try {
    return v.parse(v.object({ challenge: base64Url(128) }), JSON.parse(fromUtf8(bytesOf(response.clientDataJSON)))).challenge
  } catch (error) {
    throw refused(error)
  }
}

export function credentialIdText(credentialId: Uint8Array): string {
  return toBase64Url(credentialId)
}

const base64Url = (maxCharacters: number): v.GenericSchema<string> =>
  v.pipe(v.string(), v.maxLength(maxCharacters), v.regex(/^[A-Za-z0-9_-]*$/))
const common = { id: base64Url(1364), rawId: base64Url(1364), type: v.literal("public-key") }
const registration = v.object({
  ...common,
  response: v.object({ clientDataJSON: base64Url(8192), attestationObject: base64Url(operatorLimits.webAuthnBytes) }),
  clientExtensionResults: v.optional(v.record(v.string(), v.unknown()), {}),
})
const authentication = v.object({
  ...common,
  response: v.object({
    clientDataJSON: base64Url(8192),
    authenticatorData: base64Url(8192),
    signature: base64Url(1024),
    userHandle: v.optional(v.nullable(base64Url(128))),
  }),
  clientExtensionResults: v.optional(v.record(v.string(), v.unknown()), {}),
})

function parsed<Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> {
  if (text.length > operatorLimits.webAuthnBytes) throw refused(undefined)
  try {
    return v.parse(schema, JSON.parse(text))
  } catch (error) {
    throw refused(error)
  }
}

function bytesOf(text: string): Uint8Array {
  try {
    return fromBase64Url(text)
  } catch (error) {
    if (error instanceof CodecError) throw refused(error)
    throw error
  }
}

/** The library accepts an answer that a page in another site's frame asked for. */
function sameOrigin(clientDataJson: string): void {
  let said: unknown
  try {
    said = JSON.parse(fromUtf8(bytesOf(clientDataJson)))
  } catch (error) {
    throw refused(error)
  }
  if (typeof said !== "object" || said === null || (said as { crossOrigin?: unknown }).crossOrigin === true) throw refused(undefined)
}

function refused(cause: unknown): ServerError {
  return new ServerError("passkey_refused", "The passkey's answer is not valid here. Start again.", { cause })
}
