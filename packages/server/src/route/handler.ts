// A route of the wire together with the function that handles it.

import { WireError, type Route } from "@nodoor/wire"

/** Who is asking, as far as the transport can tell. */
export interface Caller {
  /** The bearer token, if one was sent. */
  readonly token?: Uint8Array | undefined
  /** IP address, in the spelling of `plainAddress`. */
  readonly address: string
}

export interface Session {
  readonly accountId: Uint8Array
  readonly deviceId: Uint8Array
}

/** An answer that is encoded already: large ones are written record by record. */
export class EncodedAnswer {
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** A route and the function that runs for it. `session` is present only for routes that need or accept one. */
export interface Handler {
  readonly route: Route<unknown, unknown>
  /** A session is looked up if the caller sent a token. The route is open without one too. */
  readonly sessionIfSent?: boolean
  readonly run: (request: unknown, caller: { readonly address: string; readonly session: Session | undefined }) => Promise<object>
}

/** A route for callers without a session: anybody, or a member whose signature the operation checks. */
export function openRoute<Request, Answer extends object>(
  route: Route<Request, Answer>,
  run: (request: Request, caller: { readonly address: string }) => Promise<Answer | EncodedAnswer>,
): Handler {
  return { route: route as Route<unknown, unknown>, run: (request, caller) => run(request as Request, caller) }
}

/** A route for anybody, at which a device may show its session. A token that is no longer valid is refused. */
export function openOrDeviceRoute<Request, Answer extends object>(
  route: Route<Request, Answer>,
  run: (request: Request, caller: { readonly address: string; readonly session: Session | undefined }) => Promise<Answer | EncodedAnswer>,
): Handler {
  return { route: route as Route<unknown, unknown>, sessionIfSent: true, run: (request, caller) => run(request as Request, caller) }
}

/** A route for devices: a valid session has been found before `run`. */
export function deviceRoute<Request, Answer extends object>(
  route: Route<Request, Answer>,
  run: (request: Request, session: Session) => Promise<Answer | EncodedAnswer>,
): Handler {
  return {
    route: route as Route<unknown, unknown>,
    run: (request, { session }) => {
      if (session === undefined) throw new WireError("unauthorized")
      return run(request as Request, session)
    },
  }
}
