// The adversary saw a linking code, and its server stands between the two devices: it speaks to each in the other's place, with keys of its own.

import { concat, decodeTls, encodeTls, toUtf8 } from "@nodoor/bytes"
import { readCode } from "@nodoor/client"
import { nodeProvider } from "@nodoor/mls/node"
import { putRendezvous, takeRendezvous } from "@nodoor/wire"
import type { AdversaryServer } from "./adversary-server.ts"
import { sha256Of } from "./digest.ts"

const suite = nodeProvider.suite(0x004f)
const slots = { commitment: 0, offer: 1, hello: 2, grant: 3 } as const

interface Hello {
  readonly head: Uint8Array
  readonly nonce: Uint8Array
}

export class LinkMiddle {
  readonly #key: Uint8Array
  readonly #kem = suite.deriveKeyPair(new Uint8Array(32).fill(7))
  /** `patient`: it says its hello only when it knows which number it has to come to, whatever it committed to. */
  readonly #patient: boolean
  #said = { commitment: new Uint8Array(), offer: new Uint8Array(), hello: new Uint8Array() }
  #mine: Hello | undefined
  #commitment = new Uint8Array(32).fill(3)
  readonly #offer = new Uint8Array(16).fill(5)
  /** What the old device handed over, opened with the adversary's key. */
  grant: Uint8Array | undefined

  constructor(adversary: AdversaryServer, code: string, { old, patient }: { readonly old: string; readonly patient: boolean }) {
    this.#patient = patient
    const prk = suite.extract(new Uint8Array(), readCode(code).secret)
    this.#key = suite.expand(prk, toUtf8("nodoor/link/key"), suite.keyBytes)
    adversary.on(putRendezvous, async ({ asked, address }, honest) => {
      this.#heard(asked.slot, this.#open(asked.slot, asked.sealed), address === old)
      return await honest()
    })
    adversary.on(takeRendezvous, async ({ asked, address }, honest) => {
      const { sealed } = await honest()
      if (!sealed) return {}
      const message = this.#swapped(asked.slot, address === old)
      return { sealed: message ? this.#seal(asked.slot, message) : sealed }
    })
  }

  #heard(slot: number, message: Uint8Array, isOld: boolean): void {
    if (slot === slots.commitment) this.#said = { ...this.#said, commitment: message.slice() }
    if (slot === slots.offer) this.#said = { ...this.#said, offer: message.slice() }
    if (slot === slots.hello) this.#said = { ...this.#said, hello: message.slice() }
    if (slot === slots.grant && isOld && message[0] === 1) this.#take(message)
  }

  /** What the device gets in the place of what the other one said. */
  #swapped(slot: number, isOld: boolean): Uint8Array | undefined {
    if (slot === slots.offer && !isOld) return this.#offer
    if (slot === slots.commitment && isOld) return this.#commit()
    if (slot === slots.hello && isOld) return this.#hello()
    return undefined
  }

  #commit(): Uint8Array {
    if (this.#patient) return this.#commitment
    this.#mine = this.#made(0)
    this.#commitment = sha256Of(concat(toUtf8("nodoor/link/commitment\0"), concat(this.#mine.head, this.#mine.nonce))).slice()
    return this.#commitment
  }

  /** Patient, it tries nonces until both sides show one number. */
  #hello(): Uint8Array {
    const whole = ({ head, nonce }: Hello): Uint8Array => concat(head, nonce)
    if (this.#mine) return whole(this.#mine)
    const wanted = numberOf({ ...this.#said, offer: this.#offer })
    for (let attempt = 0; ; attempt++) {
      const hello = whole(this.#made(attempt))
      if (numberOf({ commitment: this.#commitment, offer: this.#said.offer, hello }) === wanted) return hello
    }
  }

  /** A device of the adversary's own. */
  #made(attempt: number): Hello {
    const nonce = new Uint8Array(16)
    new DataView(nonce.buffer).setUint32(0, attempt)
    const { publicKey } = suite.signatureKeyPair((size) => new Uint8Array(size).fill(9))
    const head = encodeTls((w) =>
      w.u8(1).vector(this.#kem.publicKey.bytes).raw(new Uint8Array(16).fill(8)).u8(3).raw(publicKey).vector(toUtf8("Browser")),
    )
    return { head, nonce }
  }

  #take(message: Uint8Array): void {
    const hello = this.#mine ? concat(this.#mine.head, this.#mine.nonce) : this.#hello()
    const info = concat(toUtf8("nodoor/link/grant\0"), transcript({ commitment: this.#commitment, offer: this.#said.offer, hello }))
    const { kemOutput, ciphertext } = decodeTls(message, (r) => {
      r.u8()
      return { kemOutput: r.vector(4_096).slice(), ciphertext: r.vector(100_000).slice() }
    })
    this.grant = suite.hpkeOpen(this.#kem.privateKey, kemOutput, info, new Uint8Array(), ciphertext)
  }

  #aad(slot: number): Uint8Array {
    return encodeTls((w) => w.raw(toUtf8("nodoor/link/slot")).u8(slot))
  }

  #open(slot: number, sealed: Uint8Array): Uint8Array {
    const nonce = sealed.slice(0, suite.nonceBytes)
    return suite.open(this.#key, nonce, this.#aad(slot), sealed.slice(suite.nonceBytes)) ?? new Uint8Array()
  }

  #seal(slot: number, message: Uint8Array): Uint8Array {
    const nonce = new Uint8Array(suite.nonceBytes).fill(slot + 1)
    return concat(nonce, suite.seal(this.#key, nonce, this.#aad(slot), message))
  }
}

interface Said {
  readonly commitment: Uint8Array
  readonly offer: Uint8Array
  readonly hello: Uint8Array
}

function transcript({ commitment, offer, hello }: Said): Uint8Array {
  return sha256Of(encodeTls((w) => w.raw(toUtf8("nodoor/link/transcript\0")).vector(commitment).vector(offer).vector(hello)))
}

function numberOf(said: Said): number {
  const hash = transcript(said)
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0) % 100
}
