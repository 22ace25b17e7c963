// The operator console without a transport: every route of @nodoor/wire/operator, for people with a passkey and a role. It can do what
// the desk and the command line can do, and nothing else. No route reads a message, because the server can't.

import { WireError } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"
import type { Caller } from "../route/handler.ts"
import { type Dispatcher, type DispatcherPorts, createDispatcher } from "../route/dispatch.ts"
import { type Rate, type RateLimit, createRateLimit } from "../route/rate-limit.ts"
import type { Actor } from "../desk/people/actor.ts"
import { createAtOnce } from "../route/at-once.ts"
import type { ConsoleHandler } from "./route.ts"
import { refusalOf } from "./refusal.ts"
import type { ConsoleSessions } from "./session.ts"
import type { Database } from "../sqlite/database.ts"

export interface Console extends Dispatcher {
  /**
   * Checks a caller before the body is read. Call the result once the answer has left, or never will.
   * @throws WireError `not_found`, `unauthorized`, `forbidden_role`, `rate_limited`
   */
  admit(path: string, caller: Caller): () => void
}

/**
 * What is limited: attempts to get in, from one address and in all, and calls of one person. All attempts within the two minutes of a
 * challenge are fewer than the challenges that are remembered, so that strangers push nobody's out.
 */
export type ConsoleRates = Readonly<Record<"attempt" | "attempts" | "person", Rate>>

export const defaultConsoleRates: ConsoleRates = {
  attempt: { burst: 40, perSecond: 0.5 },
  attempts: { burst: 300, perSecond: 4 },
  person: { burst: 300, perSecond: 20 },
}

/** `routes`: all of them. */
export function createConsole(
  ports: DispatcherPorts & { readonly db: Database; readonly sessions: ConsoleSessions },
  handlers: readonly ConsoleHandler[],
  rates: ConsoleRates = defaultConsoleRates,
): Console {
  const rateLimit = createRateLimit(ports.clock, rates)
  const beginFor = createAtOnce()
  const byPath = new Map(handlers.map((handler) => [handler.route.path, handler]))

  /** The person who calls; undefined for a route that is open to anybody. */
  const look = ({ right }: ConsoleHandler, { token }: Caller): Actor | undefined => {
    if (right === undefined) return undefined
    const actor = ports.sessions.find(token)
    actor.may(ports.db, right)
    return actor
  }

  return {
    ...createDispatcher(ports, handlers, async (handler, caller, request) => {
      try {
        // A session may have ended while the body came.
        const actor = look(handler, caller)
        return await handler.run(request(), { address: caller.address, token: caller.token, actor })
      } catch (error) {
        throw refusalOf(error)
      }
    }),
    admit: (path, caller) => {
      const handler = byPath.get(path)
      if (handler === undefined) throw new WireError("not_found")
      try {
        const actor = look(handler, caller)
        countCall(rateLimit, caller, actor)
        return actor === undefined ? () => {} : beginFor(String(actor.operatorId))
      } catch (error) {
        const refusal = refusalOf(error)
        if (refusal instanceof WireError) ports.meter?.answered(path, refusal.code, 0)
        throw refusal
      }
    },
  }
}

function countCall(rateLimit: RateLimit<keyof ConsoleRates>, { address }: Caller, actor: Actor | undefined): void {
  if (actor !== undefined) return rateLimit.take("person", String(actor.operatorId))
  rateLimit.take("attempt", callerOf(address))
  rateLimit.take("attempts", "")
}
