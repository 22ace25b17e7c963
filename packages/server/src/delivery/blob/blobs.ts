// Blobs: ciphertexts that devices store for some weeks or months. A random id reads one, a secret beside it changes it, and a pass pays for it;
// nothing about a blob says whose it is. Uploads speak tus 1.0: what has arrived is on the disk before it is answered for, and an upload that
// was interrupted goes on from there.

import { timingSafeEqual } from "node:crypto"
import { toHex } from "@nodoor/bytes"
import { WireError, errorCodes } from "@nodoor/wire"
import { blobDownloadPath, blobExtendPath, blobHeaders, blobLimits, blobUploadPath, tusVersion } from "@nodoor/wire/delivery"
import { callerOf } from "../../core/address.ts"
import { sha256 } from "../../core/crypto.ts"
import type { Clock, Log, Random } from "../../core/ports.ts"
import { RecentMap } from "../../core/recent-map.ts"
import type { Rate } from "../../route/rate-limit.ts"
import { encodeFault, faultOf } from "../../route/fault.ts"
import { type Debtor, owe } from "../log/rate.ts"
import type { Pass } from "../pass/passes.ts"
import { type DeliveryStore, type StoredBlob, type StoredUpload, blobFileBytes } from "../store/delivery-store.ts"
import type { Admission } from "../stream/admission.ts"
import type { BlobFiles, BlobReader, BlobWriter } from "./blob-files.ts"
import {
  type BlobCall,
  type BlobReply,
  bodyBytesOf,
  idOf,
  isChunk,
  keepDaysOf,
  lengthOf,
  offsetOf,
  paymentOf,
  rangeOf,
  replacesOf,
  secretOf,
  speaksTus,
} from "./blob-call.ts"
import { OneAtATime } from "./one-at-a-time.ts"

const dayMs = 86_400_000
/** A month costs a blob's bytes once. */
const daysPerPrice = 30
/** So much is noted at the latest: what has come since is sent again after a crash. */
const notedEveryBytes = 8 * 1024 * 1024
/** Bodies that come or go at once, in all and of one address: each holds a file open. */
const underWayMax = { all: 512, caller: 64 } as const
const callersMax = 50_000
const listedAtOnce = 1_000
/** Of what is under way nobody waits longer for its end than this. */
const busyMs = 1_000

export interface BlobParts {
  readonly store: DeliveryStore
  readonly files: BlobFiles
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly admission: Admission
  readonly rate: Rate
  /** Most that all blobs may take; 0: none are taken. */
  readonly maxBytes: number
}

interface Caller extends Debtor {
  underWay: number
}

export class Blobs {
  readonly #parts: BlobParts
  readonly #callers = new RecentMap<Caller>(callersMax)
  /** By id: what is being done with it. */
  readonly #changes = new OneAtATime()
  /** By file: how many read it. It is removed when the last has read. */
  readonly #readers = new Map<string, number>()
  readonly #unneeded = new Set<string>()
  #underWay = 0
  #levelledDay: number | undefined
  #closing = false

  constructor(parts: BlobParts) {
    this.#parts = parts
  }

  /** Makes rows and files fit each other after a crash or a restored backup. Nobody is answered before. */
  async open(): Promise<void> {
    const { store, files, log } = this.#parts
    const there = new Map((await files.list()).map(({ name, size }) => [name, size]))
    let from: Uint8Array | undefined
    do {
      const listed = await store.listBlobs({ from, max: listedAtOnce })
      for (const { idHash, what, file, bytes } of listed) {
        const size = there.get(toHex(file)) ?? 0
        there.delete(toHex(file))
        if (size >= bytes) continue
        log("error", "blob_file_missing")
        await store.deleteBlob({ idHash, what: what === "upload" ? "upload" : "both" })
      }
      from = listed.at(-1)?.idHash
    } while (from !== undefined)
    for (const name of there.keys()) await files.remove(name)
  }

  /** Never rejects. The body of an answer may fail, when the connection is to be cut. */
  async handle(call: BlobCall): Promise<BlobReply> {
    try {
      const caller = this.#callerAt(call.address)
      const retryAfterMs = owe(caller, this.#parts.clock.nowMs(), this.#parts.rate, 1)
      if (retryAfterMs > 0) throw new WireError("rate_limited", "too many requests about blobs", { retryAfterMs })
      if (this.#closing) throw new WireError("unavailable", "the server is stopping", { retryAfterMs: busyMs })
      return await this.#answer(call, caller)
    } catch (error) {
      return this.#refusal(error)
    }
  }

  /** Erases what is past its time. On the first call of a day the times of all files are made the same. */
  async sweep(): Promise<void> {
    const { store, files } = this.#parts
    const day = this.#today()
    const gone = await store.expireBlobs({ day, unfinishedBeforeDay: day - blobLimits.unfinishedDays })
    for (const file of gone) await this.#remove(file)
    if (this.#levelledDay === day) return
    await files.levelTimes()
    this.#levelledDay = day
  }

  /** Ends what is under way; what has arrived stays. Resolves when it is noted. */
  async close(): Promise<void> {
    this.#closing = true
    await this.#changes.endAll()
  }

  #today(): number {
    return Math.floor(this.#parts.clock.nowMs() / dayMs)
  }

  #callerAt(address: string): Caller {
    const name = callerOf(address)
    const caller = this.#callers.get(name) ?? { paidOffMs: 0, underWay: 0 }
    this.#callers.set(name, caller)
    return caller
  }

  #answer(call: BlobCall, caller: Caller): Promise<BlobReply> | BlobReply {
    switch (`${call.method} ${call.path}`) {
      case `GET ${blobDownloadPath}`:
        return this.#download(call, caller)
      case `POST ${blobExtendPath}`:
        return this.#extend(call)
    }
    if (call.path !== blobUploadPath) throw new WireError("not_found")
    if (!speaksTus(call))
      return { ...encoded("bad_request", "tus 1.0.0 is spoken here", 412), headers: { ...tus, "Tus-Version": tusVersion } }
    switch (call.method) {
      case "POST":
        return this.#create(call)
      case "HEAD":
        return this.#progress(call)
      case "PATCH":
        return this.#append(call, caller)
      case "DELETE":
        return this.#delete(call)
    }
    return { status: 405, headers: { ...tus, Allow: "POST, HEAD, PATCH, DELETE, OPTIONS" } }
  }

  #refusal(error: unknown): BlobReply {
    const full = (error as NodeJS.ErrnoException).code
    if (full === "ENOSPC" || full === "EDQUOT") return encoded("storage_full", "the server's disk is full")
    if (full !== undefined && !(error instanceof WireError) && (error as NodeJS.ErrnoException).syscall !== undefined) {
      this.#parts.log("error", "blob_file_failed", { code: full })
      return encoded("unavailable", "the server's disk gave an error")
    }
    const fault = faultOf(error, this.#parts.log)
    const { status, body } = encodeFault(fault)
    return { status, headers: tus, body }
  }

  /** An upload begins, or the same one that began already is answered again. */
  async #create(call: BlobCall): Promise<BlobReply> {
    const [id, secret] = [idOf(call), secretOf(call)]
    const [size, keepDays, replaces] = [lengthOf(call), keepDaysOf(call), replacesOf(call)]
    if ((bodyBytesOf(call) ?? 0) > 0) throw new WireError("bad_request", "what creates an upload has no body")
    const { pass, headers } = await this.#admit(call)
    const reply = { status: 201, headers: { ...tus, ...headers, Location: blobUploadPath } }
    const idHash = sha256(id)
    try {
      return await this.#changes.alone(toHex(idHash), async () => {
        const { blob, upload } = await this.#parts.store.findBlob({ idHash })
        const secretHash = sha256(secret)
        const known = upload ?? blob
        // An id is random: whoever knows it without its secret has read a backup's index, and may not disturb it.
        if (known && !isSame(known.secretHash, secretHash)) throw new WireError("blob_exists")
        const untilDay = this.#today() + keepDays
        if (upload?.size === size) return reply
        if (!upload && blob && !replaces) {
          if (blob.size === size) return reply
          throw new WireError("blob_exists")
        }
        await this.#begin({ idHash, secretHash, size, untilDay }, { pass, months: monthsOf(keepDays), former: upload })
        return reply
      })
    } catch (error) {
      const refusal = this.#refusal(error)
      return { ...refusal, headers: { ...refusal.headers, ...headers } }
    }
  }

  async #begin(
    blob: Omit<StoredBlob, "file">,
    { pass, months, former }: { readonly pass: Pass; readonly months: number; readonly former: StoredUpload | undefined },
  ): Promise<void> {
    const { store, random, maxBytes } = this.#parts
    const price = blob.size * months
    if (pass.budget.blobBytes < price) throw new WireError("pass_used_up")
    pass.budget.blobBytes -= price
    const upload = { ...blob, file: random(blobFileBytes), received: 0, begunDay: this.#today() }
    let isStored = false
    try {
      isStored = await store.beginUpload({ upload, maxBytes })
    } finally {
      if (!isStored) pass.budget.blobBytes += price
    }
    if (former) await this.#remove(former.file)
    if (!isStored) throw new WireError("storage_full")
  }

  async #progress(call: BlobCall): Promise<BlobReply> {
    await this.#uploadOf(call)
    const { size, received } = await this.#changes.alone(toHex(sha256(idOf(call))), () => this.#uploadOf(call))
    const headers = { [blobHeaders.length]: String(size), [blobHeaders.offset]: String(received), "Cache-Control": "no-store" }
    return { status: 200, headers: { ...tus, ...headers } }
  }

  /** A blob that is whole counts as an upload that has come to its end: the answer to the last part may have been lost. */
  async #uploadOf(call: BlobCall): Promise<Pick<StoredUpload, "idHash" | "file" | "size" | "received"> & { readonly isWhole: boolean }> {
    const [idHash, secretHash] = [sha256(idOf(call)), sha256(secretOf(call))]
    const { blob, upload } = await this.#parts.store.findBlob({ idHash })
    if (upload && isSame(upload.secretHash, secretHash)) return { ...upload, isWhole: false }
    if (!upload && blob && isSame(blob.secretHash, secretHash)) return { ...blob, received: blob.size, isWhole: true }
    throw new WireError("blob_not_found")
  }

  async #append(call: BlobCall, caller: Caller): Promise<BlobReply> {
    if (!isChunk(call)) return encoded("bad_request", "a part of an upload has the type application/offset+octet-stream", 415)
    const offset = offsetOf(call)
    const bodyBytes = bodyBytesOf(call)
    await this.#uploadOf(call)
    return await this.#changes.alone(toHex(sha256(idOf(call))), (ended) =>
      this.#counted(caller, async () => {
        const upload = await this.#uploadOf(call)
        if (offset !== upload.received) {
          const { status, body } = encodeFault({ code: "blob_offset", message: "the upload is at another place" })
          return { status, headers: { ...tus, [blobHeaders.offset]: String(upload.received) }, body }
        }
        if (bodyBytes !== undefined && bodyBytes > upload.size - offset) throw new WireError("too_large")
        const received = upload.isWhole ? upload.size : await this.#receive(upload, call.body, ended)
        return { status: 204, headers: { ...tus, [blobHeaders.offset]: String(received) } }
      }),
    )
  }

  /** Takes in what comes until it ends, is too much, is cut off, or somebody else goes on with the upload. All of it is on the disk then. */
  async #receive(
    { idHash, file, size, received: offset }: Pick<StoredUpload, "idHash" | "file" | "size" | "received">,
    body: AsyncIterable<Uint8Array>,
    ended: Promise<never>,
  ): Promise<number> {
    const { store, files } = this.#parts
    const writer = await files.write(toHex(file), offset)
    let [received, noted] = [offset, offset]
    const note = async (): Promise<void> => {
      if (noted === received) return
      await writer.sync()
      await store.noteReceived({ idHash, received })
      noted = received
    }
    const parts = body[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await Promise.race([parts.next().catch(endedEarly), ended])
        if (next.done) break
        if (next.value.length > size - received) throw new WireError("too_large")
        await writer.append(next.value)
        received += next.value.length
        if (received - noted >= notedEveryBytes) await note()
      }
    } finally {
      await this.#endOfPart(writer, note)
    }
    if (received === size) await this.#finish(idHash)
    return received
  }

  async #endOfPart(writer: BlobWriter, note: () => Promise<void>): Promise<void> {
    try {
      await note()
    } finally {
      await writer.close()
    }
  }

  async #finish(idHash: Uint8Array): Promise<void> {
    const { store } = this.#parts
    const { blob: replaced } = await store.findBlob({ idHash })
    if (!(await store.finishUpload({ idHash }))) throw new WireError("blob_not_found")
    if (replaced) await this.#remove(replaced.file)
  }

  async #delete(call: BlobCall): Promise<BlobReply> {
    const [id, secret] = [idOf(call), secretOf(call)]
    const idHash = sha256(id)
    return await this.#changes.alone(toHex(idHash), async () => {
      const { blob, upload } = await this.#parts.store.findBlob({ idHash })
      const mine = [blob, upload].filter((one) => one !== undefined)
      if (mine.length === 0 || mine.some(({ secretHash }) => !isSame(secretHash, sha256(secret)))) throw new WireError("blob_not_found")
      await this.#parts.store.deleteBlob({ idHash, what: "both" })
      for (const { file } of mine) await this.#remove(file)
      return { status: 204, headers: tus }
    })
  }

  async #extend(call: BlobCall): Promise<BlobReply> {
    const [id, secret, keepDays] = [idOf(call), secretOf(call), keepDaysOf(call)]
    const { pass, headers } = await this.#admit(call)
    const idHash = sha256(id)
    try {
      return await this.#changes.alone(toHex(idHash), async () => {
        const { blob } = await this.#parts.store.findBlob({ idHash })
        if (blob === undefined || !isSame(blob.secretHash, sha256(secret))) throw new WireError("blob_not_found")
        const untilDay = this.#today() + keepDays
        const price = blob.size * monthsOf(Math.max(0, untilDay - blob.untilDay))
        if (pass.budget.blobBytes < price) throw new WireError("pass_used_up")
        await this.#parts.store.extendBlob({ idHash, untilDay })
        pass.budget.blobBytes -= price
        return { status: 204, headers }
      })
    } catch (error) {
      const refusal = this.#refusal(error)
      return { ...refusal, headers: { ...refusal.headers, ...headers } }
    }
  }

  async #admit(call: BlobCall): Promise<{ readonly pass: Pass; readonly headers: Readonly<Record<string, string>> }> {
    const payment = paymentOf(call)
    const admitted = await this.#parts.admission.open({ type: "open", ...payment }, "post")
    if ("refused" in admitted) throw new WireError(admitted.refused as "pass_invalid" | "token_invalid" | "token_spent" | "unavailable")
    const { bytes, expiryHour } = admitted.pass
    if (payment.with === "pass") return { pass: admitted.pass, headers: {} }
    const headers = { [blobHeaders.pass]: Buffer.from(bytes).toString("base64url"), [blobHeaders.passExpiry]: String(expiryHour) }
    return { pass: admitted.pass, headers }
  }

  async #download(call: BlobCall, caller: Caller): Promise<BlobReply> {
    const { blob } = await this.#parts.store.findBlob({ idHash: sha256(idOf(call)) })
    if (blob === undefined) throw new WireError("blob_not_found")
    const { size } = blob
    const range = rangeOf(call, size)
    if (range === undefined) {
      const { body } = encodeFault({ code: "bad_request", message: "no such range" })
      return { status: 416, headers: { "Content-Range": `bytes */${size}` }, body }
    }
    const { from, to } = range
    const isPart = call.header("range") !== undefined
    const headers = {
      "Content-Type": "application/octet-stream",
      "Content-Length": String(to - from),
      "Accept-Ranges": "bytes",
      ...(isPart ? { "Content-Range": `bytes ${from}-${to - 1}/${size}` } : {}),
    }
    const release = this.#count(caller)
    const name = toHex(blob.file)
    this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1)
    const end = async (): Promise<void> => {
      release()
      const left = (this.#readers.get(name) ?? 1) - 1
      if (left > 0) return void this.#readers.set(name, left)
      this.#readers.delete(name)
      if (this.#unneeded.delete(name)) await this.#parts.files.remove(name)
    }
    let reader: BlobReader
    try {
      reader = await this.#parts.files.read(name, from, to)
    } catch (error) {
      await end()
      throw error
    }
    return { status: isPart ? 206 : 200, headers, body: read(reader, end) }
  }

  /** Once nobody reads it any more. */
  async #remove(file: Uint8Array): Promise<void> {
    const name = toHex(file)
    if (this.#readers.has(name)) return void this.#unneeded.add(name)
    await this.#parts.files.remove(name)
  }

  async #counted<T>(caller: Caller, run: () => Promise<T>): Promise<T> {
    const release = this.#count(caller)
    try {
      return await run()
    } finally {
      release()
    }
  }

  #count(caller: Caller): () => void {
    if (this.#underWay >= underWayMax.all || caller.underWay >= underWayMax.caller)
      throw new WireError("unavailable", "too much is under way", { retryAfterMs: busyMs })
    this.#underWay++
    caller.underWay++
    return () => {
      this.#underWay--
      caller.underWay--
    }
  }
}

const tus = { "Tus-Resumable": tusVersion } as const

async function* read(reader: BlobReader, end: () => Promise<void>): AsyncIterable<Uint8Array> {
  try {
    yield* reader
  } finally {
    await reader.close()
    await end()
  }
}

function endedEarly(): never {
  throw new WireError("bad_request", "the body ended early")
}

function encoded(code: keyof typeof errorCodes, message: string, status: number = errorCodes[code]): BlobReply {
  return { ...encodeFault({ code, message }), status, headers: tus }
}

function monthsOf(days: number): number {
  return Math.ceil(days / daysPerPrice)
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return timingSafeEqual(one, other)
}
