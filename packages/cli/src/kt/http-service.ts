// The witness on a socket: one path, small bodies, short patience.

import { type Server, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { CliError } from "../cli-error.ts"
import type { ListenAddress } from "./flags.ts"

export interface HttpAnswer {
  readonly status: number
  readonly body: string | Uint8Array
  readonly contentType?: string | undefined
}

export interface HttpService {
  /** Answers a request whose body is within the bound. */
  answer(request: { readonly method: string; readonly path: string; readonly body: Uint8Array }): HttpAnswer
  /** Longest body of a POST, in bytes. */
  readonly maxBodyBytes: number
}

export interface RunningService {
  /** `http://host:port`. */
  readonly url: string
  close(): Promise<void>
}

/** Listens until closed. @throws CliError `usage` when the address cannot be had */
export async function serve({ host, port }: ListenAddress, service: HttpService): Promise<RunningService> {
  const server = createServer({ maxHeaderSize: 8192, connectionsCheckingInterval: 1000 }, (incoming, outgoing) => {
    const chunks: Buffer[] = []
    let sizeBytes = 0
    const send = ({ status, body, contentType = "text/plain; charset=utf-8" }: HttpAnswer): void => {
      const bytes = Buffer.from(body)
      outgoing.writeHead(status, { "Content-Type": contentType, "Content-Length": bytes.length, "X-Content-Type-Options": "nosniff" })
      outgoing.end(incoming.method === "HEAD" ? undefined : bytes)
    }
    incoming.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes <= service.maxBodyBytes) chunks.push(chunk)
      else if (!outgoing.headersSent) {
        outgoing.shouldKeepAlive = false
        send({ status: 413, body: "too large\n" })
        incoming.destroy()
      }
    })
    incoming.on("error", () => outgoing.destroy())
    incoming.on("end", () => {
      if (outgoing.headersSent) return
      const path = (incoming.url ?? "").split("?")[0] as string
      send(service.answer({ method: incoming.method ?? "", path, body: new Uint8Array(Buffer.concat(chunks)) }))
    })
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  server.maxConnections = 256
  await listening(server, host, port)
  const actual = (server.address() as AddressInfo).port
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(new CliError("usage", `${host}:${port} is not available.`, { next: "choose another --listen", cause: error })),
    )
    server.listen(port, host, resolve)
  })
}
