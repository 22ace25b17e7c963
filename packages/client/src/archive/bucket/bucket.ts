// Backups in a bucket of the person's own: any service that speaks S3. Each backup is one object, which is an archive file like any other.

import { fromUtf8, toHex, toUtf8 } from "@nodoor/bytes"
import { inPieces } from "@nodoor/media"
import type { CryptoProvider } from "@nodoor/mls"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { BucketNetwork, Clock } from "../../core/ports.ts"
import { archiveTexts } from "../../texts/en.ts"
import { type BackupPlace, type KeptBackup, backupsKept } from "../backup-place.ts"
import type { ArchiveSource } from "../format/archive-reader.ts"
import type { WritingArchive } from "../write-archive.ts"
import { type BucketKeys, type UnsignedRequest, signedHeaders } from "./signature.ts"

export interface BucketSettings extends BucketKeys {
  /** `https://…`, the service's address; the bucket is the first part of the path. */
  readonly endpoint: string
  readonly bucket: string
}

export interface BucketParts {
  readonly network: BucketNetwork
  readonly crypto: Pick<CryptoProvider, "sha256" | "hmacSha256">
  readonly clock: Clock
}

/** S3 wants parts of 5 MiB or more, but for the last one. One is in memory while it is sent. */
const partBytes = 8_388_608
const readBytes = 4_194_304
const answerMaxBytes = 1_048_576
/** `nodoor-` and when it was made, in UTC, then eight digits of the archive's id. */
const namePattern = /^nodoor-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}\.nodoor-archive$/

export class Bucket implements BackupPlace {
  readonly #parts: BucketParts
  readonly #settings: BucketSettings
  readonly #base: string

  /** @throws ClientError `invalid_input` */
  constructor(parts: BucketParts, settings: BucketSettings) {
    this.#parts = parts
    this.#settings = settings
    this.#base = `${checkedEndpoint(settings)}/${settings.bucket}`
  }

  async write({ archiveId, madeAtMs, bytes }: WritingArchive): Promise<number> {
    const time = new Date(madeAtMs).toISOString().replaceAll(/[-:.]/g, "")
    const name = `nodoor-${time}-${toHex(archiveId).slice(0, 8)}.nodoor-archive`
    const parts = inPieces(bytes, partBytes)
    const first = await parts.next()
    const second = await parts.next()
    const only = first.value ?? new Uint8Array()
    const size = second.done === true ? await this.#put(name, only) : await this.#putParts(name, [only, second.value], parts)
    for (const { name: old } of (await this.list()).slice(backupsKept)) await this.#call("DELETE", old, {})
    return size
  }

  async list(): Promise<readonly KeptBackup[]> {
    const found: KeptBackup[] = []
    for (let token: string | undefined, pages = 0; pages < 10; pages++) {
      const query = { "list-type": "2", prefix: "nodoor-", ...(token !== undefined && { "continuation-token": token }) }
      const answer = await this.#call("GET", "", { query })
      for (const [, content = ""] of answer.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const name = tagOf(content, tags.key)
        const madeAtMs = timeOf(name)
        const bytes = Number(tagOf(content, tags.size))
        if (madeAtMs !== undefined && Number.isSafeInteger(bytes)) found.push({ name, madeAtMs, bytes })
      }
      token = tagOf(answer, tags.next) || undefined
      if (token === undefined) break
    }
    return found.toSorted((a, b) => b.madeAtMs - a.madeAtMs || (a.name < b.name ? 1 : -1))
  }

  async source(name: string): Promise<ArchiveSource> {
    const kept = (await this.list()).find((one) => one.name === name)
    if (!kept) throw new ClientError("not_found", archiveTexts.noBackup)
    const read = (from: number): Promise<Uint8Array> => this.#range(name, from, Math.min(from + readBytes, kept.bytes))
    return {
      async *read(fromByte) {
        for (let at = fromByte; at < kept.bytes;) {
          const piece = await read(at)
          if (piece.length === 0) return
          yield piece
          at += piece.length
        }
      },
    }
  }

  async #put(name: string, body: Uint8Array): Promise<number> {
    await this.#call("PUT", name, { body })
    return body.length
  }

  /** The object appears when all of it is there. */
  async #putParts(name: string, first: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): Promise<number> {
    const uploadId = tagOf(await this.#call("POST", name, { query: { uploads: "" } }), tags.upload)
    if (uploadId === "") throw refused()
    const etags: string[] = []
    let size = 0
    const send = async (body: Uint8Array): Promise<void> => {
      const query = { partNumber: String(etags.length + 1), uploadId }
      const answer = await this.#send("PUT", name, { query, body })
      etags.push(answer.header("etag") ?? "")
      size += body.length
    }
    try {
      for (const body of first) await send(body)
      for await (const body of rest) await send(body)
      const list = etags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`).join("")
      const body = toUtf8(`<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`)
      // Some services answer with 200 and an error.
      if (tagOf(await this.#call("POST", name, { query: { uploadId }, body }), tags.error) !== "") throw refused()
    } catch (error) {
      await this.#call("DELETE", name, { query: { uploadId } }).catch(() => undefined)
      throw error
    }
    return size
  }

  async #range(name: string, from: number, to: number): Promise<Uint8Array> {
    const answer = await this.#send("GET", name, { headers: { range: `bytes=${from}-${to - 1}` } })
    // A service that ignores the range gives the whole object.
    if (answer.status !== 206 && from > 0) throw refused()
    return answer.body.subarray(0, to - from)
  }

  async #call(method: UnsignedRequest["method"], name: string, request: CallRequest): Promise<string> {
    const { body } = await this.#send(method, name, request)
    try {
      return fromUtf8(body)
    } catch {
      return ""
    }
  }

  /** @throws ClientError `bucket_refused`; NetworkError */
  async #send(method: UnsignedRequest["method"], name: string, { query = {}, headers = {}, body = new Uint8Array() }: CallRequest) {
    const { network, crypto, clock } = this.#parts
    const url = new URL(name === "" ? this.#base : `${this.#base}/${name}`)
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
    const signed = signedHeaders(crypto, this.#settings, { method, url, headers, body }, clock.nowMs())
    const maxBytes = "range" in headers ? readBytes : answerMaxBytes
    const answer = await network(url, {
      method,
      headers: signed,
      body: method === "GET" || method === "DELETE" ? undefined : body,
      maxBytes,
    })
    if (answer.status >= 500) throw new NetworkError(`status ${answer.status}`, { maybeDone: true })
    if (answer.status < 200 || answer.status >= 300) throw refused(answer.status)
    return answer
  }
}

interface CallRequest {
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

function refused(status?: number): ClientError {
  return new ClientError("bucket_refused", archiveTexts.bucketRefused(status))
}

/** @throws ClientError `invalid_input` */
function checkedEndpoint({ endpoint, bucket, region, accessKeyId, secretAccessKey }: BucketSettings): string {
  const url = URL.parse(endpoint)
  const isLocal = url?.hostname === "localhost" || url?.hostname === "127.0.0.1" || url?.hostname === "[::1]"
  const isFit =
    url !== null && (url.protocol === "https:" || (url.protocol === "http:" && isLocal)) && url.username === "" && url.search === ""
  if (
    !isFit ||
    !/^[a-z0-9][a-z0-9.-]{1,62}$/.test(bucket) ||
    !/^[a-z0-9-]{1,64}$/.test(region) ||
    accessKeyId === "" ||
    secretAccessKey === ""
  )
    throw new ClientError("invalid_input", archiveTexts.badBucket)
  return url.href.replace(/\/+$/, "")
}

function timeOf(name: string): number | undefined {
  const [, year, month, day, hour, minute, second, ms] = namePattern.exec(name) ?? []
  if (year === undefined) return undefined
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`)
  return Number.isNaN(time) ? undefined : time
}

const tags = {
  key: /<Key>([^<]*)<\/Key>/,
  size: /<Size>([^<]*)<\/Size>/,
  next: /<NextContinuationToken>([^<]*)<\/NextContinuationToken>/,
  upload: /<UploadId>([^<]*)<\/UploadId>/,
  error: /<Code>([^<]*)<\/Code>/,
} as const

/** The text of the first such element; '' if there is none. */
function tagOf(xml: string, tag: RegExp): string {
  const [, text = ""] = tag.exec(xml) ?? []
  return text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
