// A route of the console: the right that a caller needs, and the function that handles it.

import { present } from "@nodoor/bytes"
import type { Route } from "@nodoor/wire"
import type { Actor } from "../desk/people/actor.ts"
import type { Right } from "../desk/people/person.ts"

export interface ConsoleHandler {
  readonly route: Route<unknown, unknown>
  /** Undefined: open to anybody, signed in or not. */
  readonly right: Right | undefined
  readonly run: (request: unknown, visitor: Visitor) => Promise<object> | object
}

export interface Visitor {
  readonly address: string
  readonly token: Uint8Array | undefined
  /** Who it is, at routes that need a right. */
  readonly actor: Actor | undefined
}

/** A route before the sign-in. */
export function publicRoute<Request, Answer extends object>(
  route: Route<Request, Answer>,
  run: (request: Request) => Promise<Answer> | Answer,
): ConsoleHandler {
  return { route: route as Route<unknown, unknown>, right: undefined, run: (request) => run(request as Request) }
}

/** A route for people with this right; who they are has been found before `run`. */
export function rightRoute<Request, Answer extends object>(
  route: Route<Request, Answer>,
  right: Right,
  run: (request: Request, actor: Actor, token: Uint8Array) => Promise<Answer> | Answer,
): ConsoleHandler {
  return {
    route: route as Route<unknown, unknown>,
    right,
    run: (request, { actor, token }) =>
      run(request as Request, present(actor, "somebody with that right"), present(token, "their session")),
  }
}
