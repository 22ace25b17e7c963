// Calls to the server as this device: a session token from a signed challenge, renewed when it runs out.

import { type Route, WireError, session, sessionChallenge, sessionSignatureInput } from "@nodoor/wire"
import { NetworkError } from "./client-error.ts"
import type { OwnDevice } from "./own-device.ts"
import type { CallOptions, Clock, Network } from "./ports.ts"
import { type AccountRefusal, isAccountRefusal } from "./server-words.ts"
import { type Trace, noTrace, whyOf } from "./trace.ts"
import type { CryptoProvider } from "@nodoor/mls"

/** Renewed this long before it ends, so that a request under way does not outlive it. */
const renewBeforeMs = 60_000
/** Challenges that are signed for one session before the caller has to wait and try again. */
const challengesTried = 3

/** Times by this device's clock, whatever the server's says. */
interface OpenSession {
  readonly token: Uint8Array
  readonly sinceMs: number
  readonly renewAtMs: number
}

export interface SessionHooks {
  /** A request got no answer, which speaks for a lost connection. */
  readonly unanswered?: () => void
  /** The server does not know this device, or keeps its account out. */
  readonly refused?: (code: AccountRefusal | "unauthorized") => void
  /** The server no longer knows a session that has not ended: most likely it was started anew, and what it had in memory is gone. */
  readonly forgotten?: () => void
}

/** `unwanted`: as in `CallOptions`. */
type Waiting = Pick<CallOptions, "unwanted">

export class Session {
  readonly #network: Network
  readonly #clock: Clock
  readonly #crypto: CryptoProvider
  readonly #trace: Trace
  readonly #own: OwnDevice
  readonly #hooks: SessionHooks
  #token: OpenSession | undefined
  #serverAheadMs: number | undefined

  constructor(
    ports: { readonly network: Network; readonly clock: Clock; readonly crypto: CryptoProvider; readonly trace?: Trace },
    own: OwnDevice,
    hooks: SessionHooks = {},
  ) {
    this.#hooks = hooks
    this.#network = ports.network
    this.#clock = ports.clock
    this.#crypto = ports.crypto
    this.#trace = ports.trace ?? noTrace
    this.#own = own
  }

  /** A request of a `device` route with a session, of any other route without anything that names the device. @throws WireError, NetworkError */
  async call<Request extends object, Answer>(route: Route<Request, Answer>, request: Request, options: Waiting = {}): Promise<Answer> {
    if (route.caller !== "device") return await this.#ask(route, request)
    return await this.asDevice(route, request, options)
  }

  /** A request of a route that anybody may ask, with the session shown, so that it counts for the account. @throws WireError, NetworkError */
  async asDevice<Request extends object, Answer>(route: Route<Request, Answer>, request: Request, options: Waiting = {}): Promise<Answer> {
    try {
      return await this.#askWithSession(route, request, options)
    } catch (error) {
      if (error instanceof WireError && (isAccountRefusal(error.code) || error.code === "unauthorized")) this.#hooks.refused?.(error.code)
      throw error
    }
  }

  async #askWithSession<Request extends object, Answer>(
    route: Route<Request, Answer>,
    request: Request,
    options: Waiting,
  ): Promise<Answer> {
    try {
      return await this.#ask(route, request, await this.token(), options)
    } catch (error) {
      if (!(error instanceof WireError && error.code === "unauthorized")) throw error
      this.forget()
      const answer = await this.#ask(route, request, await this.token(), options)
      this.#hooks.forgotten?.()
      return answer
    }
  }

  /**
   * A request that names nobody, on a connection of its own: what this device asks about one person shall be linked neither with the device nor
   * with what it asks about another. @throws WireError, NetworkError
   */
  alone<Request extends object, Answer>(route: Route<Request, Answer>, request: Request): Promise<Answer> {
    return this.#ask(route, request, undefined, { alone: true })
  }

  async #ask<Request extends object, Answer>(
    route: Route<Request, Answer>,
    request: Request,
    token?: Uint8Array,
    options: Waiting & { readonly alone?: true; readonly named?: true } = {},
  ): Promise<Answer> {
    let isWanted = true
    void options.unwanted?.then(() => (isWanted = false))
    const askedMs = this.#clock.nowMs()
    const traced = (error: unknown): void =>
      this.#trace.line("server", "asked", {
        caller: route.caller,
        why: error === undefined ? "ok" : whyOf(error),
        tookMs: this.#clock.nowMs() - askedMs,
      })
    try {
      const answer = await this.#network.call(this.#own.serverUrl, route, request, { token, ...options })
      traced(undefined)
      return answer
    } catch (error) {
      traced(error)
      if (error instanceof NetworkError && isWanted) this.#hooks.unanswered?.()
      throw error
    }
  }

  /** A public file of the server, asked for as anybody may. @throws NetworkError */
  file(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return this.#network.file(this.#own.serverUrl, path, maxBytes)
  }

  async token(): Promise<Uint8Array> {
    const nowMs = this.#clock.nowMs()
    if (this.#token && this.#token.sinceMs <= nowMs && nowMs < this.#token.renewAtMs) return this.#token.token
    for (let left = challengesTried; ; left--) {
      try {
        this.#token = await this.#open()
        return this.#token.token
      } catch (error) {
        // A network may repeat a request, and a server forgets its challenges when it starts again: that says nothing about this device.
        if (!(error instanceof WireError && error.code === "challenge_expired") || left <= 1) throw error
      }
    }
  }

  /** How far the server's clock was ahead of this device's when the session began; negative when it was behind. Undefined before the first. */
  get serverAheadMs(): number | undefined {
    return this.#serverAheadMs
  }

  /** The time as the server will most likely give it: what is dated here meanwhile then stands among what is dated there. */
  get serverNowMs(): number {
    return this.#clock.nowMs() + (this.#serverAheadMs ?? 0)
  }

  async #open(): Promise<OpenSession> {
    const { deviceId, origin, signer } = this.#own
    const { challenge } = await this.#ask(sessionChallenge, { deviceId }, undefined, { named: true })
    const signature = this.#crypto.signEd25519({
      privateKey: signer.privateKey,
      message: sessionSignatureInput({ origin, challenge, deviceId }),
    })
    const askedMs = this.#clock.nowMs()
    const { token, expiresAtMs, timeMs } = await this.#ask(session, { deviceId, challenge, signature }, undefined, { named: true })
    const answeredMs = this.#clock.nowMs()
    this.#serverAheadMs = timeMs - Math.round((askedMs + answeredMs) / 2)
    return { token, sinceMs: askedMs, renewAtMs: answeredMs + expiresAtMs - timeMs - renewBeforeMs }
  }

  forget(): void {
    this.#token = undefined
  }
}
