// The routes behind one transport: which paths exist, how large a body each accepts, and answers that are never exceptions.

import { type Route, WireError, decodeMessage, encodeMessage } from "@nodoor/wire"
import type { Clock, Log, Meter } from "../core/ports.ts"
import { type Caller, EncodedAnswer } from "./handler.ts"
import { encodeFault, faultOf } from "./fault.ts"

export interface Dispatcher {
  /** Longest body the path takes, in bytes; undefined if there is no such path. */
  maxRequestBytes(path: string): number | undefined
  /** Answers one request. Never rejects: a refusal is an answer too. `status` is an HTTP status, `body` CBOR. */
  handle(path: string, caller: Caller, body: Uint8Array): Promise<{ readonly status: number; readonly body: Uint8Array }>
}

export interface DispatcherPorts {
  readonly clock: Clock
  readonly log: Log
  readonly meter?: Meter | undefined
}

/** `enter` runs for each call. It checks the caller and the size of the body before it calls `request`, which decodes the body. */
export function createDispatcher<Handler extends { readonly route: Route<unknown, unknown> }>(
  { clock, log, meter }: DispatcherPorts,
  handlers: Iterable<Handler>,
  enter: (handler: Handler, caller: Caller, request: () => unknown, sizeBytes: number) => Promise<object>,
): Dispatcher {
  const byPath = new Map<string, Handler>()
  for (const handler of handlers) byPath.set(handler.route.path, handler)

  const answer = async (handler: Handler, caller: Caller, body: Uint8Array): Promise<Uint8Array> => {
    const { route } = handler
    if (body.length > route.maxRequestBytes) throw new WireError("too_large")
    const result = await enter(handler, caller, () => decodeMessage(route.request, body, route.maxRequestBytes), body.length)
    return result instanceof EncodedAnswer ? result.bytes : encodeMessage(result)
  }

  return {
    maxRequestBytes: (path) => byPath.get(path)?.route.maxRequestBytes,
    handle: async (path, caller, body) => {
      const startedMs = clock.nowMs()
      const handler = byPath.get(path)
      let code = "ok"
      try {
        if (handler === undefined) throw new WireError("not_found")
        return { status: 200, body: await answer(handler, caller, body) }
      } catch (error) {
        const fault = faultOf(error, log)
        code = fault.code
        return encodeFault(fault)
      } finally {
        meter?.answered(handler?.route.path ?? "unknown", code, clock.nowMs() - startedMs)
      }
    },
  }
}
