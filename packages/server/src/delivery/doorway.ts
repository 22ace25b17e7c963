// Doors behind one transport: which paths there are, how large a body they take, and answers that are never exceptions.

import { type Route, WireError, decodeMessage, encodeMessage } from "@nodoor/wire"
import type { Clock, Log, Meter } from "../ports.ts"
import { type Caller, EncodedAnswer } from "./door.ts"
import { encodeFault, faultOf } from "./fault.ts"

export interface Doorway {
  /** Longest body the path takes, in bytes; undefined if there is no such path. */
  maxRequestBytes(path: string): number | undefined
  /** Answers one request. Never rejects: a refusal is an answer too. `status` is an HTTP status, `body` CBOR. */
  handle(path: string, caller: Caller, body: Uint8Array): Promise<{ readonly status: number; readonly body: Uint8Array }>
}

export interface DoorwayPorts {
  readonly clock: Clock
  readonly log: Log
  readonly meter?: Meter | undefined
}

/** `enter` is what happens at a door: it looks at who comes, and with how much, before it calls `request`, which decodes the body. */
export function createDoorway<Door extends { readonly route: Route<unknown, unknown> }>(
  { clock, log, meter }: DoorwayPorts,
  doors: Iterable<Door>,
  enter: (door: Door, caller: Caller, request: () => unknown, sizeBytes: number) => Promise<object>,
): Doorway {
  const byPath = new Map<string, Door>()
  for (const door of doors) byPath.set(door.route.path, door)

  const answer = async (door: Door, caller: Caller, body: Uint8Array): Promise<Uint8Array> => {
    const { route } = door
    if (body.length > route.maxRequestBytes) throw new WireError("too_large")
    const result = await enter(door, caller, () => decodeMessage(route.request, body, route.maxRequestBytes), body.length)
    return result instanceof EncodedAnswer ? result.bytes : encodeMessage(result)
  }

  return {
    maxRequestBytes: (path) => byPath.get(path)?.route.maxRequestBytes,
    handle: async (path, caller, body) => {
      const startedMs = clock.nowMs()
      const door = byPath.get(path)
      let code = "ok"
      try {
        if (door === undefined) throw new WireError("not_found")
        return { status: 200, body: await answer(door, caller, body) }
      } catch (error) {
        const fault = faultOf(error, log)
        code = fault.code
        return encodeFault(fault)
      } finally {
        meter?.answered(door?.route.path ?? "unknown", code, clock.nowMs() - startedMs)
      }
    },
  }
}
