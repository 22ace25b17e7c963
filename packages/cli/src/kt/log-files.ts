// Where a log's files come from: a server, or a folder that mirrors one. Nothing read here is believed before it was checked.

import { open, readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { CliError } from "../cli-error.ts"
import type { OpenNetwork } from "../context.ts"
import { maxNoteBytes } from "@nodoor/keylog"

/** Files by their names below the log's address, as in c2sp.org/tlog-tiles. */
export interface LogFiles {
  /** Shown to people. */
  readonly where: string
  /** Undefined: there is no such file. @throws CliError `log_unreachable`, `log_oversized` */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>
}

const requestTimeoutMs = 20_000

/**
 * The files at an address: `https://host` (whose log stands below `/kt/`), any longer address, or a folder.
 * @throws CliError `usage`
 */
export function logFiles(address: string, network: OpenNetwork): LogFiles {
  if (!/^[a-z]+:\/\//i.test(address)) return folderFiles(address)
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === "file:") return folderFiles(fileURLToPath(url))
  return httpFiles(logAddress(address), network)
}

/** The address below which a server's log stands, ending in a slash. @throws CliError `usage` */
export function logAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw new CliError("usage", "Give the address of a server, such as https://chat.example.org, or a folder with a mirror of its log.")
  }
  if (url.pathname === "/") url.pathname = "/kt/"
  if (!url.pathname.endsWith("/")) url.pathname += "/"
  return url
}

function httpFiles(base: URL, network: OpenNetwork): LogFiles {
  return {
    where: base.href,
    read: async (path, maxBytes) => {
      const answer = await reach(new URL(path, base), network)
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw new CliError("log_unreachable", `${base.href}${path} was answered with ${answer.status}.`)
      return readBounded(answer, maxBytes)
    },
  }
}

export interface Answer {
  readonly url: URL
  readonly status: number
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * One request that follows no redirect and ends in time. `post`: CBOR to send, about somebody, so on a connection of its own.
 * @throws CliError `log_unreachable`
 */
export async function reach(url: URL, network: OpenNetwork, post?: Uint8Array<ArrayBuffer>): Promise<Answer> {
  try {
    const answer = await (
      await network()
    ).exchange(url, {
      method: post ? "POST" : "GET",
      headers: post ? { "content-type": "application/cbor" } : {},
      body: post,
      class: "anonymous",
      alone: post && true,
      signal: AbortSignal.timeout(requestTimeoutMs),
    })
    return { url, ...answer }
  } catch (error) {
    throw new CliError("log_unreachable", `${url.origin} did not answer.`, { next: "try again", cause: error })
  }
}

/** The whole body, if it is within the bound. @throws CliError `log_unreachable`, `log_oversized` */
export async function readBounded({ url, body }: Answer, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new CliError("log_unreachable", "The answer was cut short.", { next: "try again", cause: error })
  }
  if (sizeBytes > maxBytes) throw oversized(url.href)
  return new Uint8Array(Buffer.concat(chunks))
}

export function folderFiles(folder: string): LogFiles {
  return {
    where: folder,
    read: async (path, maxBytes) => {
      const file = join(folder, path)
      try {
        if ((await stat(file)).size > maxBytes) throw oversized(file)
        return new Uint8Array(await readFile(file))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
        if (error instanceof CliError) throw error
        throw new CliError("log_unreachable", `${file} cannot be read.`, { cause: error })
      }
    },
  }
}

function oversized(where: string): CliError {
  return new CliError("log_oversized", `${where} is larger than such a file can be.`)
}

/** A file that a person names. @throws CliError `usage` */
export async function readNamedFile(path: string, maxBytes: number = maxNoteBytes): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      if ((await file.stat()).size > maxBytes) throw new CliError("usage", `The file ${path} is too large.`)
      return new Uint8Array(await file.readFile())
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new CliError("usage", `The file ${path} cannot be read.`, { cause: error })
  }
}
