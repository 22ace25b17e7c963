// The web app's files, read into memory once: what is served is what was there at the start, and no path leads out of it.

import { createHash } from "node:crypto"
import { readFileSync, readdirSync } from "node:fs"
import { extname, join, relative, sep } from "node:path"
import { gzipSync } from "node:zlib"
import { consolePage, everyFile, policyWith } from "./security-headers.ts"

export interface FileAnswer {
  readonly status: 200 | 304
  /** Whether it is a document that somebody opens, and no part of one. */
  readonly page: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}

export interface WebBundle {
  /** The answer to a GET for this path; undefined if there is no such file and no page stands for it. */
  answer(
    path: string,
    headers: { readonly ifNoneMatch: string | undefined; readonly acceptEncoding: string | undefined },
  ): FileAnswer | undefined
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
}
const compressible = new Set([".html", ".js", ".css", ".json", ".webmanifest", ".svg", ".wasm", ".txt"])

interface File {
  readonly body: Uint8Array
  readonly gzip: Uint8Array | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly etag: string
}

/** Undefined if the directory holds no built web app. `streamNames`: as of `policyWith`. */
export function loadWebBundle(directory: string, streamNames: readonly string[] = []): WebBundle | undefined {
  const files = new Map<string, File>()
  for (const path of listFiles(directory)) files.set(`/${relative(directory, path).split(sep).join("/")}`, loadFile(path, streamNames))
  if (!files.has("/index.html")) return undefined
  return {
    answer: (path, { ifNoneMatch, acceptEncoding }) => {
      const file = files.get(path) ?? files.get(pageAt(path) ?? "")
      if (file === undefined) return undefined
      const page = file.headers["Content-Type"] === types[".html"]
      if (hasTag(ifNoneMatch ?? "", file.etag)) return { status: 304, page, headers: file.headers, body: null }
      if (file.gzip === undefined || !takesGzip(acceptEncoding ?? "")) return { status: 200, page, headers: file.headers, body: file.body }
      return { status: 200, page, headers: { ...file.headers, "Content-Encoding": "gzip" }, body: file.gzip }
    },
  }
}

/** RFC 9110 §12.5.3: a coding with the weight 0 is one that the client does not take; `*` stands for those that are not named. */
function takesGzip(acceptEncoding: string): boolean {
  const weights = new Map<string, number>()
  for (const item of acceptEncoding.toLowerCase().split(",")) {
    const [coding = "", ...parameters] = item.split(";").map((part) => part.trim())
    const weight = parameters.find((parameter) => parameter.startsWith("q="))
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)))
  }
  return (weights.get("gzip") ?? weights.get("x-gzip") ?? weights.get("*") ?? 0) > 0
}

/** RFC 9110 §13.1.2: any of a list, and also where something in between has marked it as weak. */
function hasTag(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag)
}

/** The page that stands for a path: the console, or a place in the app: the start, a person, an invitation, a chat or a setting. */
function pageAt(path: string): "/index.html" | "/operator.html" | undefined {
  if (/^\/operator(?:\/[a-z0-9/-]*)?$/.test(path)) return "/operator.html"
  return path === "/" || /^\/(?:(?:@|%40|i\/)[^/]*\/?|(?!kt\/|assets\/)[a-z][a-z0-9/-]*)$/.test(path) ? "/index.html" : undefined
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}

function loadFile(path: string, streamNames: readonly string[]): File {
  const body = new Uint8Array(readFileSync(path))
  const extension = extname(path)
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`
  const packed = compressible.has(extension) && body.length > 1024 ? new Uint8Array(gzipSync(body, { level: 9 })) : undefined
  const headers = {
    ...(path.endsWith(`${sep}operator.html`) ? consolePage : { ...everyFile, "Content-Security-Policy": policyWith(streamNames) }),
    "Content-Type": types[extension] ?? "application/octet-stream",
    // Names under assets/ hold a hash of the content: a changed file has another name.
    "Cache-Control": path.includes(`${sep}assets${sep}`) ? "public, max-age=31536000, immutable" : "no-cache",
    Vary: "Accept-Encoding",
    ETag: etag,
  }
  return { body, gzip: packed !== undefined && packed.length < body.length ? packed : undefined, headers, etag }
}
