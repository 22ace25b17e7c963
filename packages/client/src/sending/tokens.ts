// Tokens of this device: rights to ask something of the server without saying who asks (docs/protocol.md, "Tokens and passes"). It draws 64 a
// day in one batch, whether it needs them or not, so that the draw says nothing. The account service signs them without seeing them.

import type { CryptoProvider, Random } from "@nodoor/mls"
import {
  type Token,
  type TokenKey,
  type TokenUse,
  WireError,
  decodeToken,
  drawTokens,
  encodeToken,
  limits,
  tokenChallenge,
  tokenInput,
  tokenKeyEpoch,
  tokenSignatureBytes,
} from "@nodoor/wire"
import { concat } from "@nodoor/bytes"
import { ClientError, NetworkError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import { pause } from "../core/pause.ts"
import type { BlindSignatures, Clock, Timers } from "../core/ports.ts"
import { isAccountRefusal, serverWords } from "../core/server-words.ts"
import type { Session } from "../core/session.ts"
import type { Transactions } from "../core/transaction.ts"
import { readerOf } from "../store/reader.ts"
import { type BlindedToken, deleteTokensBefore, endDraw, findDraw, insertBatch, listBlinded, takeToken } from "../store/tokens.ts"
import { raiseAlarmOnce } from "../store/trust/alarms.ts"
import { refuseDifferentTokenKey } from "../trust/token/token-keys.ts"
import { tokenTexts } from "../texts/en.ts"

/** Of the tokens of a day, those that buy passes; the others pay for claims. A group of a thousand takes 32 claims. */
const passTokens = 16
const dayMs = 86_400_000
const kind = "tokens"
/** Devices do not all come at midnight. */
const spreadMs = 3_600_000

export interface TokenParts {
  readonly own: Pick<OwnDevice, "origin">
  readonly session: Pick<Session, "call" | "serverNowMs">
  readonly transactions: Transactions
  readonly random: Random
  /** Says which key epoch is now: a server that could choose would give each device one of its own. */
  readonly clock: Clock
  readonly timers: Timers
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly blindSignatures: BlindSignatures
  readonly jobs: Pick<Jobs, "register" | "schedule">
  /** The keys of the present and the previous epoch, as the key log holds them. @throws ClientError `log_unavailable`, `log_untrusted` */
  tokenKeys(): Promise<readonly TokenKey[]>
}

export class Tokens implements Part {
  readonly #parts: TokenParts
  #drawing: Promise<void> | undefined

  constructor(parts: TokenParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, backoff: { firstMs: 60_000, lastMs: spreadMs }, run: () => this.#daily() })
  }

  online(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  offline(): void {}

  close(): void {}

  /**
   * A token that nobody has been shown, and that this device will not show again. If there is none, today's are drawn.
   * @throws ClientError `log_untrusted` while the server gives this device another key than everybody; `no_tokens`, with the time until there will be some; what `session.call` and `tokenKeys` throw
   */
  async take(use: TokenUse): Promise<Uint8Array> {
    await refuseDifferentTokenKey(readerOf(this.#parts.transactions.database))
    const found = (await this.#find(use)) ?? ((await this.#draw()) ? await this.#find(use) : undefined)
    if (found) return found
    const afterMs = this.#untilNextMs()
    throw new ClientError("no_tokens", tokenTexts.none(afterMs), { retryAfterMs: afterMs })
  }

  async #find(use: TokenUse): Promise<Uint8Array | undefined> {
    const fromKeyEpoch = tokenKeyEpoch(this.#parts.clock.nowMs()) - 1
    return await this.#parts.transactions.run(async (tx) => await takeToken(tx, use, { fromKeyEpoch }))
  }

  async #daily(): Promise<JobEnd> {
    try {
      await this.#draw()
    } catch (error) {
      if (error instanceof WireError || error instanceof NetworkError || error instanceof ClientError) return "failed"
      throw error
    }
    const [high = 0, low = 0] = this.#parts.random(2)
    return { againInMs: this.#untilNextMs() + (spreadMs * (high * 256 + low)) / 65_536 }
  }

  #untilNextMs(): number {
    return dayMs - (this.#parts.session.serverNowMs % dayMs)
  }

  /** Draws the tokens of the day. False: that was done already. One draw at a time. */
  async #draw(): Promise<boolean> {
    if (!this.#drawing && !(await this.#isDue())) return false
    this.#drawing ??= this.#drawNow().finally(() => (this.#drawing = undefined))
    await this.#drawing
    return true
  }

  async #isDue(): Promise<boolean> {
    const draw = await findDraw(readerOf(this.#parts.transactions.database))
    return !draw?.done || draw.day < this.#today()
  }

  #today(): number {
    return Math.floor(this.#parts.session.serverNowMs / dayMs)
  }

  async #drawNow(): Promise<void> {
    const { session, transactions } = this.#parts
    const keys = await this.#parts.tokenKeys()
    const { key, batch } = await this.#batch(keys)
    const day = this.#today()
    let signatures: readonly Uint8Array[]
    try {
      const blinded = batch.map((one) => one.blinded)
      signatures = (await session.call(drawTokens, { epoch: key.epoch, blinded })).signatures
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      // Drawn today already, by an older copy of this store or before the server forgot: these are never signed.
      if (error.code === "rate_limited") return await transactions.run(async (tx) => endDraw(tx, day, []))
      if (isAccountRefusal(error.code)) throw new ClientError(error.code, serverWords(error), { cause: error })
      throw error
    }
    const tokens = await this.#finished(key, batch, signatures)
    await transactions.run(async (tx) => {
      endDraw(tx, day, tokens)
      deleteTokensBefore(tx, tokenKeyEpoch(this.#parts.clock.nowMs()) - 1)
      // A signature that does not hold could mark who got it.
      if (tokens.length < batch.length)
        await raiseAlarmOnce(tx, this.#parts.random, {
          level: "warn",
          code: "tokens_not_signed",
          text: tokenTexts.notSigned,
          atMs: session.serverNowMs,
        })
    })
  }

  /** The batch that was begun and not answered, if its key still signs, else a new one. It is stored before it is sent. */
  async #batch(keys: readonly TokenKey[]): Promise<{ readonly key: TokenKey; readonly batch: readonly BlindedToken[] }> {
    const { transactions, clock } = this.#parts
    const reader = readerOf(transactions.database)
    const keyEpoch = tokenKeyEpoch(clock.nowMs())
    const key = keys.find(({ epoch }) => epoch === keyEpoch)
    if (!key) throw new ClientError("log_unavailable", tokenTexts.noKey)
    const draw = await findDraw(reader)
    if (draw && !draw.done && draw.keyEpoch === keyEpoch) {
      const batch = await listBlinded(reader)
      if (batch.length === limits.tokensPerDay) return { key, batch }
    }
    const batch: BlindedToken[] = []
    for (let number = 0; number < limits.tokensPerDay; number++) {
      batch.push(await this.#blinded(key, number < passTokens ? "pass" : "claim"))
      // Each costs some hundredths of a second, and others want their turn.
      await pause(this.#parts.timers, 0)
    }
    await transactions.run(async (tx) => insertBatch(tx, { day: this.#today(), keyEpoch }, batch))
    return { key, batch }
  }

  async #blinded({ key }: TokenKey, use: TokenUse): Promise<BlindedToken> {
    const { crypto, random, own, blindSignatures } = this.#parts
    const challengeDigest = crypto.sha256(tokenChallenge(own.origin, use))
    const input = tokenInput({ nonce: random(32), challengeDigest, keyId: crypto.sha256(key) })
    return { use, input, ...(await blindSignatures.blind(key, input)) }
  }

  /** Those whose signature holds. */
  async #finished(
    { key }: TokenKey,
    batch: readonly BlindedToken[],
    signatures: readonly Uint8Array[],
  ): Promise<readonly { readonly input: Uint8Array; readonly token: Uint8Array }[]> {
    const tokens: { input: Uint8Array; token: Uint8Array }[] = []
    for (const [at, { input, inverse }] of batch.entries()) {
      const signature = signatures[at]
      const authenticator = signature && (await this.#parts.blindSignatures.finalize(key, input, { signature, inverse }))
      if (authenticator) tokens.push({ input, token: encodeToken(withAuthenticator(input, authenticator)) })
      await pause(this.#parts.timers, 0)
    }
    return tokens
  }
}

function withAuthenticator(input: Uint8Array, authenticator: Uint8Array): Token {
  return { ...decodeToken(concat(input, new Uint8Array(tokenSignatureBytes))), authenticator }
}
