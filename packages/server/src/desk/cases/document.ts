// Documents that come with a request: kept under the hash of their content, so that no name that somebody chose becomes a path.

import { equal, toHex } from "@nodoor/bytes"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { sha256 } from "../../core/crypto.ts"
import { ServerError } from "../../core/server-error.ts"
import { writeWhole } from "../../core/write-whole.ts"
import type { CaseDocument } from "./case.ts"

/** One document: a scanned order of some hundred pages. */
export const documentMaxBytes: number = 25 * 1024 * 1024
export const documentsMax = 20

/**
 * Writes the file, unless it exists. The name is only noted.
 * @throws ServerError `desk_refused` for a name that is no plain file name, an empty or too large file, or too many of them
 */
export function storeDocument(
  folder: string,
  { name, content, held }: { readonly name: string; readonly content: Uint8Array; readonly held: readonly CaseDocument[] },
): CaseDocument {
  if (name !== basename(name) || name.length > 200 || !/^[^\p{Cc}\p{Cf}/\\:]+$/u.test(name) || /^\.+$/.test(name))
    throw new ServerError(
      "desk_refused",
      "A document's name must be a plain file name of at most 200 characters, without folders or control characters.",
    )
  if (content.length === 0 || content.length > documentMaxBytes)
    throw new ServerError("desk_refused", `A document must have 1 to ${documentMaxBytes} bytes.`)
  const contentHash = sha256(content)
  if (held.length >= documentsMax && !held.some((one) => equal(one.contentHash, contentHash)))
    throw new ServerError("desk_refused", `A case can have at most ${documentsMax} documents.`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, toHex(contentHash))
  if (!existsSync(path) || !equal(sha256(readFileSync(path)), contentHash)) writeWhole(path, content)
  return { contentHash, name, sizeBytes: content.length }
}

/** The document's bytes, if they are still those that came. @throws ServerError `desk_damaged` */
export function readDocument(folder: string, { contentHash }: Pick<CaseDocument, "contentHash">): Uint8Array {
  const path = join(folder, toHex(contentHash))
  const content = existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined
  if (content === undefined || !equal(sha256(content), contentHash))
    throw new ServerError("desk_damaged", "The document is not the one that was attached. Somebody changed it, or the disk is damaged.")
  return content
}
