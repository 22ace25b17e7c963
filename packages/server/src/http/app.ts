// The HTTP server's routes: the protocol, the web app, and what monitoring reads.

import type { IncomingMessage, ServerResponse } from "node:http"
import type { HttpBindings } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import { CodecError, equal, fromBase64Url, fromUtf8, toUtf8 } from "@nodoor/bytes"
import { WireError, errorCodes, logFilesPath } from "@nodoor/wire"
import { Hono } from "hono"
import { sha256 } from "../core/crypto.ts"
import { createAtOnce } from "../route/at-once.ts"
import type { Console } from "../console/console.ts"
import { callerOf, isLoopback } from "../core/address.ts"
import type { Delivery } from "../delivery/delivery.ts"
import { encodeFault, faultOf } from "../route/fault.ts"
import type { TransparencyAnswers } from "../desk/notices/transparency-answers.ts"
import { transparencyStyle } from "../desk/notices/transparency-page.ts"
import type { Log } from "../core/ports.ts"
import type { BodyBudget, BodyRoom } from "./body-budget.ts"
import { discardBody, readBody } from "./body.ts"
import type { ClientAddress } from "./client-address.ts"
import type { LogFile } from "../keylog/keeper/published-log.ts"
import { otherAddress } from "./one-address.ts"
import { everyFile, everyMessage, publicFile } from "./security-headers.ts"
import type { Sites } from "./sites.ts"
import type { WebBundle } from "./web-bundle.ts"

export interface AppPorts {
  readonly delivery: Delivery
  /** Behind `/v1/operator/`. */
  readonly console: Console
  readonly clientAddress: ClientAddress
  readonly bodies: BodyBudget
  readonly sites: Sites
  readonly log: Log
  readonly web: WebBundle | undefined
  /** The name and port by which people know this server. */
  readonly origin: string
  /** The static files of the transparency log, by their names below `/kt/`. */
  readonly logFile: (path: string) => Promise<LogFile | undefined>
  /** What is public of lawful requests. */
  readonly transparency: TransparencyAnswers
  /** The published canary, or one that was published before, by its hash. */
  readonly canary: (hash?: string) => Uint8Array | undefined
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  /** Bearer token for /metrics from elsewhere than this machine. */
  readonly metricsToken: string | undefined
  /** Whether the store answers and the server is not stopping. */
  readonly ready: () => Promise<boolean>
}

type Bindings = { Bindings: HttpBindings }

/** Files of the log that one address has read at once: all wait in one line with what people's devices ask. More than an auditor's program does. */
const filesAtOnce = 64

const consolePrefix = "/v1/operator/"

export function createApp(ports: AppPorts): Hono<Bindings> {
  const app = new Hono<Bindings>()
  const beginFileFor = createAtOnce(filesAtOnce)
  const plain = (text: string, status = 200, headers: Record<string, string> = {}): Response =>
    new Response(text, {
      status,
      headers: { ...everyFile, "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", ...headers },
    })

  app.use("*", async (c, next) => {
    // Messages of the protocol are refused as such.
    if (c.req.path.startsWith("/v1/")) return next()
    const host = c.req.header("host")
    if (ports.sites.isConsole(host) && c.req.path === "/") return plain("", 302, { Location: "/operator" })
    return ports.sites.serves(host, c.req.path) ? next() : plain("Nothing here.\n", 404)
  })

  app.post("/v1/*", async (c) => {
    await answerMessage(ports, c.env.incoming, c.env.outgoing)
    return RESPONSE_ALREADY_SENT
  })
  app.all("/v1/*", () => plain("The protocol is spoken with POST.\n", 405, { Allow: "POST" }))

  app.get("/healthz", () => plain("ok\n"))
  app.get("/readyz", async () => ((await ports.ready()) ? plain("ready\n") : plain("not ready\n", 503)))
  app.get("/metrics", async (c) => {
    if (!mayReadMetrics(ports, c.env.incoming)) return plain("Only from this machine, or with the bearer token.\n", 403)
    return plain(await ports.metrics(), 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" })
  })

  app.get(`${logFilesPath}*`, async (c) => {
    const end = beginFileFor(callerOf(ports.clientAddress.of(c.env.incoming)))
    const file = await ports.logFile(c.req.path.slice(logFilesPath.length)).finally(end)
    if (file === undefined) return plain("Nothing here.\n", 404, publicFile)
    const headers = {
      ...everyFile,
      ...publicFile,
      "Content-Type": file.text ? "text/plain; charset=utf-8" : "application/octet-stream",
      "Cache-Control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    }
    return new Response(file.bytes as Uint8Array<ArrayBuffer>, { status: 200, headers })
  })

  app.on("GET", ["/canary.json", "/canary/:name{[0-9a-f]+\\.json}"], (c) => {
    const canary = ports.canary(c.req.param("name")?.replace(/\.json$/, ""))
    const headers = { ...publicFile, "Content-Type": "application/json" }
    return canary === undefined ? plain("Nobody has signed a canary here.\n", 404) : plain(fromUtf8(canary), 200, headers)
  })
  app.get("/transparency", () => plain(ports.transparency.page(), 200, { "Content-Type": "text/html; charset=utf-8" }))
  app.get("/transparency.css", () =>
    plain(transparencyStyle, 200, { "Content-Type": "text/css; charset=utf-8", "Cache-Control": "no-cache" }),
  )
  app.get("/transparency.json", () => plain(ports.transparency.json(), 200, { ...publicFile, "Content-Type": "application/json" }))

  app.get("*", (c) => {
    if (ports.web === undefined) return plain("The web app has not been built. `npm start` builds it.\n", 404)
    const file = ports.web.answer(c.req.path, {
      ifNoneMatch: c.req.header("if-none-match"),
      acceptEncoding: c.req.header("accept-encoding"),
    })
    if (file === undefined) return plain("Nothing here.\n", 404)
    const elsewhere = file.page ? otherAddress(ports.origin, c.req.header("host"), c.env.incoming.url ?? "/") : undefined
    if (elsewhere !== undefined) return plain("", 302, { Location: elsewhere })
    return new Response(file.body as Uint8Array<ArrayBuffer> | null, { status: file.status, headers: file.headers })
  })
  app.notFound((c) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return plain("Nothing here.\n", 404)
    const headers = { Allow: "GET, HEAD, OPTIONS" }
    return c.req.method === "OPTIONS"
      ? new Response(null, { status: 204, headers: { ...everyFile, ...headers } })
      : plain("This is read with GET.\n", 405, headers)
  })
  app.onError((error) => {
    const { code } = faultOf(error, ports.log)
    if (code === "unavailable" || code === "rate_limited") return plain("Busy; try again.\n", errorCodes[code], { "Retry-After": "1" })
    if (code === "proxy_unreadable") return plain("The proxy before this server does not say who is asking.\n", errorCodes[code])
    return plain("Something went wrong.\n", 500)
  })
  return app
}

/** One message of the protocol, straight on node's request and response: this is where all the traffic is. */
async function answerMessage(
  { delivery, console, clientAddress, bodies, sites, log }: AppPorts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const path = pathOf(incoming.url ?? "")
  let answer: { readonly status: number; readonly body: Uint8Array }
  let refused = false
  let room: BodyRoom | undefined
  try {
    const dispatcher = path.startsWith(consolePrefix) ? console : delivery
    const maxBytes = dispatcher.maxRequestBytes(path)
    if (maxBytes === undefined || !sites.serves(incoming.headers.host, path)) throw new WireError("not_found")
    const caller = { token: bearerToken(incoming), address: clientAddress.of(incoming) }
    // Bodies of the console are large: nobody sends one who may not.
    if (dispatcher === console) {
      const end = console.admit(path, caller)
      if (outgoing.closed) end()
      else outgoing.once("close", end)
    }
    const read = await readBody(incoming, bodies, { maxBytes, address: caller.address, operator: dispatcher === console })
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
function pathOf(target: string): string {
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

function mayReadMetrics({ clientAddress, metricsToken }: AppPorts, incoming: IncomingMessage): boolean {
  const given = incoming.headers.authorization
  if (metricsToken !== undefined && given !== undefined) return equal(sha256(toUtf8(given)), sha256(toUtf8(`Bearer ${metricsToken}`)))
  // What a proxy passes on comes from somewhere else, whatever it says, and whether the configuration names the proxy or not.
  return !clientAddress.forwarded(incoming) && isLoopback(clientAddress.of(incoming))
}
