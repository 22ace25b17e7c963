// The protocol's routes of all services behind one dispatcher. Before a handler runs, the call is counted and its session is found.

import { callerOfAccount } from "./caller.ts"
import { type Dispatcher, type DispatcherPorts, createDispatcher } from "./dispatch.ts"
import type { Handler, Session } from "./handler.ts"
import type { RateLimit } from "./rate-limit.ts"

/** Finds the session of a token. */
export interface SessionFinder {
  /** @throws WireError `unauthorized`, `account_suspended` */
  find(token: Uint8Array | undefined): Promise<Session>
}

export interface ProtocolPorts extends DispatcherPorts {
  readonly rateLimit: RateLimit
  readonly sessions: SessionFinder
}

export function createProtocol(ports: ProtocolPorts, routes: Iterable<Handler>): Dispatcher {
  const { rateLimit, sessions } = ports
  return createDispatcher(ports, routes, async (handler, caller, request) => {
    const session = needsSession(handler, caller.token) ? await sessions.find(caller.token) : undefined
    if (session !== undefined) rateLimit.take("device", callerOfAccount(session))
    return handler.run(request(), { address: caller.address, session })
  })
}

function needsSession({ route, sessionIfSent }: Handler, token: Uint8Array | undefined): boolean {
  return route.caller === "device" || (sessionIfSent === true && token !== undefined)
}
