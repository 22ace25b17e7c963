// Streams of the adversary's own: whatever it hands in is done by the true delivery service, as for anybody with a token. It signs its
// tokens itself, with a key that its server takes beside the log's.

import { type KeyObject, constants, generateKeyPairSync, randomBytes, sign } from "node:crypto"
import { serverCrypto, type DeliveryHalf, type FramePort } from "@nodoor/server"
import { type TokenKey, type TokenUse, encodeToken, encodeTokenKey, tokenChallenge, tokenInput, tokenKeyEpoch } from "@nodoor/wire"
import {
  type PostingAnswer,
  type ReadingAnswer,
  type ReadingRequest,
  decodePostingAnswer,
  decodeReadingAnswer,
  encodePostingRequest,
  encodeReadingRequest,
} from "@nodoor/wire/delivery"
import type { PostingItem } from "./posting-hands.ts"

/** One for all worlds: making a key takes a while. */
const pair = generateKeyPairSync("rsa", { modulusLength: 2_048 })
/** Shorter than a pass is good for. */
const keptMs = 20 * 3_600_000

/** A reading stream of the adversary's own. */
export interface OwnReading {
  /** Everything that came on it so far. */
  readonly answers: readonly ReadingAnswer[]
  say(...items: readonly ReadingRequest[]): void
}

export class OwnStream {
  readonly #origin: string
  readonly #nowMs: () => number
  readonly #waiting = new Map<number, (answer: PostingAnswer) => void>()
  #port: FramePort | undefined
  #openedMs = 0
  #ref = 0

  constructor(origin: string, nowMs: () => number) {
    this.#origin = origin
    this.#nowMs = nowMs
  }

  /** What verifies its tokens. */
  tokenKey(): TokenKey {
    return { epoch: tokenKeyEpoch(this.#nowMs()), key: publicKeyOf(pair.publicKey) }
  }

  token(use: TokenUse): Uint8Array {
    const nonce = new Uint8Array(randomBytes(32))
    const challengeDigest = serverCrypto.sha256(tokenChallenge(this.#origin, use))
    const unsigned = { nonce, challengeDigest, keyId: serverCrypto.sha256(publicKeyOf(pair.publicKey)) }
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 }
    const authenticator = new Uint8Array(sign("sha384", tokenInput(unsigned), { key: pair.privateKey, ...padding }))
    return encodeToken({ ...unsigned, authenticator })
  }

  /** Answered when the true server has done it. */
  async hand(half: Pick<DeliveryHalf, "connectPost">, item: PostingItem): Promise<PostingAnswer> {
    const port = this.#open(half)
    const ref = ++this.#ref
    return await new Promise((resolve) => {
      this.#waiting.set(ref, resolve)
      port.receive(encodePostingRequest([{ ...item, ref }]))
    })
  }

  /** A reading stream on which this is said. */
  read(half: DeliveryHalf, ...items: readonly ReadingRequest[]): OwnReading {
    const answers: ReadingAnswer[] = []
    const sink = {
      send: (frame: Uint8Array, sent: () => void): void => {
        answers.push(...decodeReadingAnswer(frame))
        sent()
      },
      bufferedBytes: () => 0,
      close: () => {},
    }
    const port = half.connectRead(sink, { address: "adversary" })
    port.receive(encodeReadingRequest([{ type: "open", with: "token", data: this.token("pass") }, ...items]))
    return { answers, say: (...more) => port.receive(encodeReadingRequest(more)) }
  }

  #open(half: Pick<DeliveryHalf, "connectPost">): FramePort {
    if (this.#port && this.#nowMs() - this.#openedMs < keptMs) return this.#port
    this.#port?.closed()
    const send = (frame: Uint8Array, sent: () => void): void => {
      this.#take(frame)
      sent()
    }
    const port = half.connectPost({ send, bufferedBytes: () => 0, close: () => {} }, { address: "adversary" })
    port.receive(encodePostingRequest([{ type: "open", with: "token", data: this.token("pass") }]))
    this.#port = port
    this.#openedMs = this.#nowMs()
    return port
  }

  #take(frame: Uint8Array): void {
    for (const item of decodePostingAnswer(frame)) {
      if (!("ref" in item)) continue
      this.#waiting.get(item.ref)?.(item)
      this.#waiting.delete(item.ref)
    }
  }
}

function publicKeyOf(key: KeyObject): Uint8Array {
  const { n = "" } = key.export({ format: "jwk" })
  return encodeTokenKey(new Uint8Array(Buffer.from(n, "base64url")))
}
