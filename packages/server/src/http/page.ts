// What a service answers to GET: pages, files, health. `app.ts` serves them and sends everything else of HTTP.

import { everyFile } from "./security-headers.ts"

/** A GET request as far as pages look at it. */
export interface PageRequest {
  readonly path: string
  /** Path and query, as they came. */
  readonly url: string
  /** A named part of the page's path. */
  param(name: string): string | undefined
  header(name: string): string | undefined
  /** The caller's IP address. @throws WireError `proxy_unreadable` */
  address(): string
  /** Whether a proxy passed the request on. */
  forwarded(): boolean
}

export interface Page {
  /** Paths in the notation of Hono. */
  readonly paths: readonly string[]
  readonly answer: (request: PageRequest) => Response | Promise<Response>
}

/** Text with the headers of every file. It is not cached unless `headers` says so. */
export function plain(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, {
    status,
    headers: { ...everyFile, "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", ...headers },
  })
}

export const nothingHere = (headers: Readonly<Record<string, string>> = {}): Response => plain("Not found.\n", 404, headers)
