// Requests about blobs, straight on node's requests: bodies go through in parts, and are never in memory as a whole. They carry no session, and
// any page may send them: there is nothing in a browser that a foreign page could make use of by that.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { pipeline } from "node:stream/promises"
import { blobDownloadPath, blobExtendPath, blobHeaders, blobLimits, blobUploadPath, tusVersion } from "@nodoor/wire/delivery"
import { WireError } from "@nodoor/wire"
import type { BlobCall, BlobReply } from "../delivery/blob/blob-call.ts"
import type { Log } from "../core/ports.ts"
import { encodeFault, faultOf } from "../route/fault.ts"
import { pathOf } from "./app.ts"
import { discardBody } from "./body.ts"
import type { ClientAddress } from "./client-address.ts"
import { everyMessage } from "./security-headers.ts"
import type { Sites } from "./sites.ts"

export interface BlobRequestParts {
  answer(call: BlobCall): Promise<BlobReply>
  readonly clientAddress: ClientAddress
  readonly sites: Sites
  readonly log: Log
}

const paths: readonly string[] = [blobUploadPath, blobExtendPath, blobDownloadPath]

const everyBlobAnswer = {
  ...everyMessage,
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": [
    ...Object.values(blobHeaders),
    "content-range",
    "location",
    "tus-extension",
    "tus-max-size",
    "tus-version",
  ].join(", "),
} as const

const options = {
  "Access-Control-Allow-Methods": "GET, POST, HEAD, PATCH, DELETE",
  "Access-Control-Allow-Headers": [...Object.values(blobHeaders), "content-type", "range", "x-http-method-override"].join(", "),
  "Access-Control-Max-Age": "86400",
  "Tus-Resumable": tusVersion,
  "Tus-Version": tusVersion,
  "Tus-Extension": "creation,termination",
  "Tus-Max-Size": String(blobLimits.bytes),
} as const

/** Everything else goes on to `next`. */
export function serveBlobs(parts: BlobRequestParts, next: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    const path = pathOf(incoming.url ?? "")
    if (!paths.includes(path)) return next(incoming, outgoing)
    answerBlob(parts, path, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

async function answerBlob(
  { answer, clientAddress, sites, log }: BlobRequestParts,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  // A connection that is cut must not end the process.
  incoming.on("error", () => {})
  let reply: BlobReply
  try {
    if (!sites.serves(incoming.headers.host, path)) throw new WireError("not_found")
    const method = methodOf(incoming)
    reply =
      method === "OPTIONS"
        ? { status: 204, headers: options }
        : await answer({
            method,
            path,
            header: (name) => headerOf(incoming, name),
            address: clientAddress.of(incoming),
            body: incoming.iterator({ destroyOnReturn: false }),
          })
  } catch (error) {
    reply = { ...encodeFault(faultOf(error, log)), headers: {} }
  }
  const { status, headers, body } = reply
  const isRefused = status >= 400
  const bytes = body instanceof Uint8Array ? body.length : 0
  const length = status === 204 ? {} : { "Content-Length": String(bytes) }
  if (outgoing.destroyed) return await endOf(body)
  outgoing.writeHead(status, { ...everyBlobAnswer, ...length, ...(isRefused ? { Connection: "close" } : {}), ...headers })
  if (body !== undefined && !(body instanceof Uint8Array)) return await pipeline(body, outgoing)
  if (isRefused) {
    if (body) outgoing.write(body)
    await discardBody(incoming)
    outgoing.end()
  } else outgoing.end(body)
}

/** Lets go of what would have been read. */
async function endOf(body: BlobReply["body"]): Promise<void> {
  if (body !== undefined && !(body instanceof Uint8Array)) for await (const _ of body) break
}

/** What tus has clients say that cannot send the method itself. */
function methodOf(incoming: IncomingMessage): string {
  const instead = headerOf(incoming, "x-http-method-override")
  return incoming.method === "POST" && instead !== undefined ? instead : (incoming.method ?? "")
}

function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name]
  return typeof value === "string" ? value : undefined
}
