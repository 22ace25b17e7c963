// Blobs on the server: uploads that go on where they were interrupted, and downloads in parts. Nothing of a request says whose it is: uploads are
// paid for with the pass for posting, and what is read is found by its id.

import { toBase64Url } from "@nodoor/bytes"
import type { Random } from "@nodoor/mls"
import { WireError, limits } from "@nodoor/wire"
import {
  type DeliveryCode,
  blobDownloadPath,
  blobExtendPath,
  blobHeaders,
  blobIdBytes,
  blobLimits,
  blobSecretBytes,
  blobUploadPath,
  bytesOfHeader,
  countOfHeader,
  tusChunkType,
  tusVersion,
} from "@nodoor/wire/delivery"
import { padmeSize } from "../content/payload/padme.ts"
import { doubledMs } from "../core/backoff.ts"
import { NetworkError, faultBytes, refusalOf } from "../core/client-error.ts"
import { pause } from "../core/pause.ts"
import type { BlobAnswer, BlobKeys, BlobRequest, BlobUpload, Blobs, Network, Timers } from "../core/ports.ts"
import type { StreamPasses } from "../core/stream-passes.ts"

/** Of an upload, between two answers: small while the connection loses much. */
const partBytes = { first: 512 * 1024, least: 64 * 1024, most: 4 * 1024 * 1024 } as const
/** Of a download, in one request. */
const readBytes = 4 * 1024 * 1024
/** Of the padding, drawn at once: browsers give no more. */
const randomAtOnce = 65_536
/** How often all of a blob is sent in the end. */
const sentTimesMax = 4
/** Tries in a row that bring nothing. */
const triesMax = 6
const againAfter = { firstMs: 500, lastMs: 15_000 } as const
/** How often another pass or token is shown for one request. */
const paymentsMax = 3
const ofThePass: readonly string[] = ["pass_invalid", "pass_used_up", "token_invalid", "token_spent"]
/** What another try can help against. */
const passing: readonly string[] = ["unavailable", "internal", "rate_limited", "blob_offset"]

export interface BlobParts {
  readonly network: Pick<Network, "blob">
  readonly passes: StreamPasses
  readonly random: Random
  readonly timers: Timers
  /** Addresses of the hosts. */
  postUrl(): string
  readUrl(): string
}

export class ServerBlobs implements Blobs {
  readonly #parts: BlobParts

  constructor(parts: BlobParts) {
    this.#parts = parts
  }

  async upload(source: (from: number) => AsyncIterable<Uint8Array>, upload: BlobUpload): Promise<BlobKeys> {
    const { random } = this.#parts
    const keys = upload.keys ?? { id: random(blobIdBytes), secret: random(blobSecretBytes) }
    const given = giveUp(upload.unwanted)
    const total = padmeSize(upload.size)
    if (total > blobLimits.bytes) throw new WireError("too_large")
    await this.#persist(given, () => this.#create(keys, total, upload))
    let [size, failures, sentBytes]: [number, number, number] = [partBytes.first, 0, 0]
    let offset = await this.#persist(given, () => this.#progress(keys, total))
    while (offset < total) {
      // A server that forgets what it took gets it so often and no more.
      if (sentBytes > sentTimesMax * total) throw new NetworkError("the upload does not get on", { maybeDone: true })
      try {
        for await (const part of this.#content(source, { from: offset, size: upload.size, total, partBytes: () => size })) {
          given.check()
          sentBytes += part.length
          offset = await this.#append(keys, offset, part, upload.unwanted)
          failures = 0
          size = Math.min(partBytes.most, 2 * size)
          upload.onProgress?.(Math.min(offset, upload.size))
        }
      } catch (error) {
        await this.#after(error, ++failures)
        size = Math.max(partBytes.least, size / 4)
        offset = await this.#persist(given, () => this.#progress(keys, total))
      }
    }
    return keys
  }

  async *download(
    id: Uint8Array,
    { from = 0, size, unwanted }: { readonly from?: number; readonly size?: number; readonly unwanted?: Promise<unknown> } = {},
  ): AsyncIterable<Uint8Array> {
    const given = giveUp(unwanted)
    let at = from
    let end = size
    while (end === undefined || at < end) {
      const to = Math.min(at + readBytes, end ?? Infinity)
      const { part, total } = await this.#persist(given, () => this.#part(id, at, to))
      end = Math.min(end ?? total, total)
      // Fewer bytes than were said to be there: whoever reads sees the end where it should not be.
      if (part.length === 0) return
      at += part.length
      yield part
    }
  }

  async extend(keys: BlobKeys, keepDays: number): Promise<void> {
    const headers = { ...named(keys), [blobHeaders.keepDays]: String(keepDays) }
    await this.#persist(giveUp(undefined), async () =>
      this.#mustBe(await this.#paid({ method: "POST", path: blobExtendPath, headers, maxAnswerBytes: faultBytes }), 204),
    )
  }

  async delete(keys: BlobKeys): Promise<void> {
    const request = { method: "DELETE", path: blobUploadPath, headers: { ...named(keys), ...tus }, maxAnswerBytes: faultBytes } as const
    try {
      await this.#persist(giveUp(undefined), async () => this.#mustBe(await this.#send(request), 204))
    } catch (error) {
      if (!(error instanceof WireError && error.code === "blob_not_found")) throw error
    }
  }

  async #create(keys: BlobKeys, total: number, { keepDays, replaces, unwanted }: BlobUpload): Promise<void> {
    const headers = {
      ...named(keys),
      ...tus,
      [blobHeaders.length]: String(total),
      [blobHeaders.keepDays]: String(keepDays),
      ...(replaces && { [blobHeaders.replace]: "1" }),
    }
    this.#mustBe(await this.#paid({ method: "POST", path: blobUploadPath, headers, maxAnswerBytes: faultBytes, unwanted }), 201)
  }

  async #progress(keys: BlobKeys, total: number): Promise<number> {
    const headers = { ...named(keys), ...tus }
    const answer = await this.#send({ method: "HEAD", path: blobUploadPath, headers, maxAnswerBytes: faultBytes })
    // The answer to HEAD has no body that would say why.
    if (answer.status === 404) throw new WireError("blob_not_found")
    if (answer.status !== 200) throw new NetworkError("a refusal", { maybeDone: false })
    return offsetOf(answer, total)
  }

  async #append(keys: BlobKeys, offset: number, part: Uint8Array, unwanted: Promise<unknown> | undefined): Promise<number> {
    const headers = { ...named(keys), ...tus, [blobHeaders.offset]: String(offset), "content-type": tusChunkType }
    const answer = await this.#send({ method: "PATCH", path: blobUploadPath, headers, body: part, maxAnswerBytes: faultBytes, unwanted })
    this.#mustBe(answer, 204)
    if (offsetOf(answer, offset + part.length) !== offset + part.length)
      throw new NetworkError("an answer of another form", { maybeDone: true })
    return offset + part.length
  }

  async #part(id: Uint8Array, from: number, to: number): Promise<{ readonly part: Uint8Array; readonly total: number }> {
    const headers = { [blobHeaders.id]: toBase64Url(id), range: `bytes=${from}-${to - 1}` }
    const answer = await this.#send({ method: "GET", path: blobDownloadPath, headers, maxAnswerBytes: to - from })
    // It ends before `from`.
    if (answer.status === 416) return { part: new Uint8Array(), total: from }
    this.#mustBe(answer, 206)
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers["content-range"] ?? "") ?? []
    const bytes = countOfHeader(total, blobLimits.bytes)
    if (bytes === undefined || countOfHeader(first, blobLimits.bytes) !== from)
      throw new NetworkError("an answer of another form", { maybeDone: true })
    return { part: answer.body, total: bytes }
  }

  /** Parts of what is stored: the content from an offset on, then random bytes, which nobody can tell from it. */
  async *#content(
    source: (from: number) => AsyncIterable<Uint8Array>,
    { from, size, total, partBytes: wanted }: { from: number; size: number; total: number; partBytes: () => number },
  ): AsyncIterable<Uint8Array> {
    let at = from
    let part = new Uint8Array(wanted())
    let filled = 0
    for await (const bytes of from < size ? source(from) : nothing()) {
      for (let used = 0; used < bytes.length && at < size;) {
        const piece = bytes.subarray(used, used + Math.min(part.length - filled, size - at))
        part.set(piece, filled)
        used += piece.length
        at += piece.length
        filled += piece.length
        if (filled < part.length) continue
        yield part
        part = new Uint8Array(wanted())
        filled = 0
      }
    }
    if (at < size) throw new RangeError("the content of a blob is shorter than was said")
    while (at < total) {
      const piece = this.#parts.random(Math.min(part.length - filled, total - at, randomAtOnce))
      part.set(piece, filled)
      at += piece.length
      filled += piece.length
      if (filled < part.length) continue
      yield part
      part = new Uint8Array(wanted())
      filled = 0
    }
    if (filled > 0) yield part.subarray(0, filled)
  }

  /** With a pass, or with a token that buys one; with another if it is not accepted. */
  async #paid(request: BlobRequest): Promise<BlobAnswer> {
    const { passes } = this.#parts
    for (let payments = 1; ; payments++) {
      const open = await passes.take()
      const header = open.with === "pass" ? blobHeaders.pass : blobHeaders.token
      const answer = await this.#send({ ...request, headers: { ...request.headers, [header]: toBase64Url(open.data) } })
      const pass = bytesOfHeader(answer.headers[blobHeaders.pass], limits.passBytes)
      const expiryHour = countOfHeader(answer.headers[blobHeaders.passExpiry], 0xffff_ffff)
      if (open.with === "token" && pass && expiryHour !== undefined) passes.opened({ pass, expiryHour })
      if (answer.status < 400) return answer
      const refusal = refusalOf(answer.body)
      if (!(refusal instanceof WireError && ofThePass.includes(refusal.code)) || payments >= paymentsMax) return answer
      passes.refused(refusal.code as DeliveryCode)
    }
  }

  async #send(request: BlobRequest): Promise<BlobAnswer> {
    const { network, postUrl, readUrl } = this.#parts
    return await network.blob(request.path === blobDownloadPath ? readUrl() : postUrl(), request)
  }

  #mustBe(answer: BlobAnswer, status: number): void {
    if (answer.status === status) return
    throw answer.status >= 400 ? refusalOf(answer.body) : new NetworkError("an answer of another form", { maybeDone: true })
  }

  /** Again and again, until it brings something or has failed too often. */
  async #persist<T>(given: Given, run: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      given.check()
      try {
        return await run()
      } catch (error) {
        await this.#after(error, failures)
      }
    }
  }

  /** Waits, or fails for good. */
  async #after(error: unknown, failures: number): Promise<void> {
    const isPassing = error instanceof NetworkError || (error instanceof WireError && passing.includes(error.code))
    if (!isPassing || failures >= triesMax) throw error
    const askedMs = error instanceof WireError ? (error.retryAfterMs ?? 0) : 0
    await pause(this.#parts.timers, Math.max(doubledMs(failures, againAfter), Math.min(askedMs, 4 * againAfter.lastMs)))
  }
}

const tus = { [blobHeaders.tus]: tusVersion } as const

function named({ id, secret }: BlobKeys): Record<string, string> {
  return { [blobHeaders.id]: toBase64Url(id), [blobHeaders.secret]: toBase64Url(secret) }
}

function offsetOf(answer: BlobAnswer, max: number): number {
  const offset = countOfHeader(answer.headers[blobHeaders.offset], max)
  if (offset === undefined) throw new NetworkError("an answer of another form", { maybeDone: true })
  return offset
}

async function* nothing(): AsyncIterable<Uint8Array> {}

interface Given {
  check(): void
}

/** @throws NetworkError from `check` once nobody wants the work any more */
function giveUp(unwanted: Promise<unknown> | undefined): Given {
  let isUnwanted = false
  const note = (): void => void (isUnwanted = true)
  unwanted?.then(note, note)
  return {
    check: () => {
      if (isUnwanted) throw new NetworkError("given up", { maybeDone: true })
    },
  }
}
