// The HTTP server's routes: messages of the protocol, the services' pages, and refusals of everything else.

import type { IncomingMessage, ServerResponse } from "node:http"
import type { HttpBindings } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import { CodecError, fromBase64Url } from "@nodoor/bytes"
import { WireError, errorCodes } from "@nodoor/wire"
import { type Context, Hono } from "hono"
import type { Log } from "../core/ports.ts"
import type { Dispatcher } from "../route/dispatch.ts"
import { encodeFault, faultOf } from "../route/fault.ts"
import type { Caller } from "../route/handler.ts"
import type { BodyBudget, BodyRoom } from "./body-budget.ts"
import { discardBody, readBody } from "./body.ts"
import type { ClientAddress } from "./client-address.ts"
import { type Page, type PageRequest, nothingHere, plain } from "./page.ts"
import { everyFile, everyMessage } from "./security-headers.ts"
import type { Sites } from "./sites.ts"

/** A dispatcher and the paths it answers. */
export interface Mount {
  readonly prefix: string
  readonly dispatcher: Dispatcher
  /**
   * Checks a caller before the body is read, for routes that accept large bodies. Call what it answers when the answer has left, or will not.
   * @throws WireError
   */
  readonly admit?: ((path: string, caller: Caller) => () => void) | undefined
}

export interface AppPorts {
  /** The first whose prefix fits answers. */
  readonly mounts: readonly Mount[]
  /** The first whose path fits answers. */
  readonly pages: readonly Page[]
  readonly clientAddress: ClientAddress
  readonly bodies: BodyBudget
  readonly sites: Sites
  readonly log: Log
}

type Bindings = { Bindings: HttpBindings }

export function createApp(ports: AppPorts): Hono<Bindings> {
  const app = new Hono<Bindings>()

  app.use("*", async (c, next) => {
    // Messages of the protocol get refusals of the protocol.
    if (c.req.path.startsWith("/v1/")) return next()
    const host = c.req.header("host")
    if (ports.sites.isConsole(host) && c.req.path === "/") return plain("", 302, { Location: "/operator" })
    return ports.sites.serves(host, c.req.path) ? next() : nothingHere()
  })

  app.post("/v1/*", async (c) => {
    await answerMessage(ports, c.env.incoming, c.env.outgoing)
    return RESPONSE_ALREADY_SENT
  })
  app.all("/v1/*", () => plain("Use POST for the protocol.\n", 405, { Allow: "POST" }))

  for (const { paths, answer } of ports.pages) app.on("GET", [...paths], (c) => answer(pageRequest(c, ports.clientAddress)))

  app.notFound((c) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return nothingHere()
    const headers = { Allow: "GET, HEAD, OPTIONS" }
    return c.req.method === "OPTIONS"
      ? new Response(null, { status: 204, headers: { ...everyFile, ...headers } })
      : plain("Use GET for this path.\n", 405, headers)
  })
  app.onError((error) => {
    const { code } = faultOf(error, ports.log)
    if (code === "unavailable" || code === "rate_limited")
      return plain("The server is busy. Try again.\n", errorCodes[code], { "Retry-After": "1" })
    if (code === "proxy_unreadable")
      return plain("The proxy in front of this server does not pass on the caller's address.\n", errorCodes[code])
    return plain("Something went wrong on the server.\n", 500)
  })
  return app
}

function pageRequest(c: Context<Bindings>, clientAddress: ClientAddress): PageRequest {
  const { incoming } = c.env
  return {
    path: c.req.path,
    url: incoming.url ?? "/",
    param: (name) => c.req.param(name),
    header: (name) => c.req.header(name),
    address: () => clientAddress.of(incoming),
    forwarded: () => clientAddress.forwarded(incoming),
  }
}

/** One message of the protocol, straight on node's request and response: this is where all the traffic is. */
async function answerMessage(
  { mounts, clientAddress, bodies, sites, log }: AppPorts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const path = pathOf(incoming.url ?? "")
  let answer: { readonly status: number; readonly body: Uint8Array }
  let refused = false
  let room: BodyRoom | undefined
  try {
    const mount = mounts.find(({ prefix }) => path.startsWith(prefix))
    const maxBytes = mount?.dispatcher.maxRequestBytes(path)
    if (mount === undefined || maxBytes === undefined || !sites.serves(incoming.headers.host, path)) throw new WireError("not_found")
    const { dispatcher, admit } = mount
    const caller = { token: bearerToken(incoming), address: clientAddress.of(incoming) }
    const end = admit?.(path, caller)
    if (end !== undefined) {
      if (outgoing.closed) end()
      else outgoing.once("close", end)
    }
    const read = await readBody(incoming, bodies, { maxBytes, address: caller.address, operator: end !== undefined })
    room = read.room
    answer = await dispatcher.handle(path, caller, read.body)
  } catch (error) {
    answer = encodeFault(faultOf(error, log))
    refused = true
  } finally {
    room?.end()
  }
  if (outgoing.destroyed) return
  const headers = { ...everyMessage, "Content-Length": String(answer.body.length), ...(refused ? { Connection: "close" } : {}) }
  outgoing.writeHead(answer.status, headers)
  if (refused) {
    outgoing.write(answer.body)
    await discardBody(incoming)
    outgoing.end()
  } else outgoing.end(answer.body)
}

/** Also of a request with the whole URL in its first line, which HTTP has servers accept. */
export function pathOf(target: string): string {
  const [, path] = /^(?:https?:\/\/[^/?]*)?([^?]*)/i.exec(target) ?? []
  return path ?? ""
}

/** @throws WireError `unauthorized` for a header that holds no token of ours */
function bearerToken(incoming: IncomingMessage): Uint8Array | undefined {
  const header = incoming.headers.authorization
  if (header === undefined) return undefined
  try {
    if (!header.startsWith("Bearer ") || header.length > 128) throw new WireError("unauthorized")
    return fromBase64Url(header.slice(7))
  } catch (error) {
    if (error instanceof CodecError) throw new WireError("unauthorized")
    throw error
  }
}
