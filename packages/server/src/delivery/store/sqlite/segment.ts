// A segment: a file to which batches are appended, each with one fdatasync. It lives minutes: what is still needed of it then goes into the
// database, and the file is overwritten and removed.

import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  writeSync,
  writevSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { crc32 } from "node:zlib"
import { syncDirectory } from "../../../core/durable-file.ts"
import { Unspilled } from "./unspilled.ts"

/** Before each batch: its length, its number, and CRC-32 over both and the batch. */
const headBytes = 16

/** What a fault test may break: before a batch is appended, before it is on the disk, and after that. */
export type SegmentStep = "append" | "sync" | "synced"

export interface SegmentOptions {
  /** The file is made; else one that is there is only read. */
  readonly isNew: boolean
  /** What it throws, the step fails with. */
  readonly onStep: (step: SegmentStep) => void
}

export class Segment {
  readonly path: string
  readonly number: number
  /** What of the segment is not in the database. */
  readonly unspilled: Unspilled = new Unspilled()
  readonly #fd: number
  readonly #onStep: (step: SegmentStep) => void
  #size = 0

  constructor(directory: string, number: number, { isNew, onStep }: SegmentOptions) {
    this.number = number
    this.#onStep = onStep
    this.path = join(directory, fileName(number))
    this.#fd = openSync(this.path, isNew ? "wx+" : "r", 0o600)
    if (isNew) syncDirectory(directory)
  }

  get size(): number {
    return this.#size
  }

  /** Resolves on the disk; answers where the batch begins in the file. Throws, and then the file is as before; or it is `isBroken`. */
  append(batch: Buffer, number: number): number {
    const at = this.#size
    try {
      const head = headOf(batch, number)
      this.#onStep("append")
      writeWhole(this.#fd, head, batch, at)
      this.#onStep("sync")
      fdatasyncSync(this.#fd)
      this.#onStep("synced")
    } catch (error) {
      this.undo(at)
      throw error
    }
    this.#size = at + headBytes + batch.length
    return at + headBytes
  }

  /** Whether the file may hold what was said not to be written. Nothing may be appended any more. */
  isBroken = false

  /** Takes back everything from `size` on. */
  undo(size: number): void {
    try {
      ftruncateSync(this.#fd, size)
      fdatasyncSync(this.#fd)
      this.#size = size
    } catch {
      this.isBroken = true
    }
  }

  read(at: number, sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(sizeBytes)
    for (let done = 0; done < sizeBytes;) {
      const read = readSync(this.#fd, bytes, done, sizeBytes - done, at + done)
      if (read === 0) throw new RangeError("a segment ends before its record")
      done += read
    }
    return bytes
  }

  close(): void {
    closeSync(this.#fd)
  }
}

function headOf(batch: Buffer, number: number): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt32BE(batch.length, 0)
  head.writeBigUInt64BE(BigInt(number), 4)
  head.writeUInt32BE(crc32(batch, crc32(head.subarray(0, 12))), 12)
  return head
}

function writeWhole(fd: number, head: Buffer, batch: Buffer, at: number): void {
  const total = head.length + batch.length
  let done = writevSync(fd, [head, batch], at)
  // A disk that is nearly full takes a part.
  while (done < total) done += writeSync(fd, Buffer.concat([head, batch]), done, total - done, at + done)
}

export interface ReplayedBatch {
  readonly number: number
  readonly batch: Buffer
  /** Where the batch begins in the file. */
  readonly at: number
}

export interface Replayed {
  /** Whole batches from the beginning of the file on. */
  readonly batches: readonly ReplayedBatch[]
  /** `torn`: a part of one more batch follows, as a power cut leaves it. `damaged`: whole batches follow that part. */
  readonly end: "whole" | "torn" | "damaged"
}

export function replay(path: string): Replayed {
  const file = readFileSync(path)
  const batches: ReplayedBatch[] = []
  let at = 0
  for (let next = batchAt(file, at); next !== undefined; next = batchAt(file, at)) {
    batches.push(next)
    at = next.at + next.batch.length
  }
  if (at === file.length) return { batches, end: "whole" }
  return { batches, end: isFollowed(file, at, batches.at(-1)?.number ?? 0) ? "damaged" : "torn" }
}

function batchAt(file: Buffer, at: number): ReplayedBatch | undefined {
  if (at + headBytes > file.length) return undefined
  const length = file.readUInt32BE(at)
  const end = at + headBytes + length
  if (length === 0 || end > file.length) return undefined
  const batch = file.subarray(at + headBytes, end)
  if (file.readUInt32BE(at + 12) !== crc32(batch, crc32(file.subarray(at, at + 12)))) return undefined
  return { number: Number(file.readBigUInt64BE(at + 4)), batch, at: at + headBytes }
}

/** How many batches a segment holds at most. */
const batchesMax = 2 ** 24

/** Whether a batch with a later number stands anywhere behind the place. */
function isFollowed(file: Buffer, place: number, number: number): boolean {
  for (let at = place + 1; at + headBytes <= file.length; at++) {
    // Most places are ruled out by their number.
    if (file.readUInt16BE(at + 4) !== 0) continue
    const found = Number(file.readBigUInt64BE(at + 4))
    if (found > number && found <= number + batchesMax && batchAt(file, at) !== undefined) return true
  }
  return false
}

/** Numbers of the segments in the directory, oldest first. Makes the directory. */
export function segmentsIn(directory: string): number[] {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const numbers = readdirSync(directory).flatMap((name) => (/^\d{8}$/.test(name) ? [Number(name)] : []))
  return numbers.toSorted((a, b) => a - b)
}

/** The end of the name of a file that is being overwritten: nobody takes it for a segment again. */
const goneEnd = ".gone"

/** Gives the segment, whose contents the database has, a name under which no start reads it. On the disk when it returns; answers the new path. */
export function takeOutOfUse(path: string): string {
  renameSync(path, path + goneEnd)
  syncDirectory(dirname(path))
  return path + goneEnd
}

/** Files whose overwriting was interrupted. */
export function goneIn(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => (name.endsWith(goneEnd) ? [join(directory, name)] : []))
}

export function segmentPath(directory: string, number: number): string {
  return join(directory, fileName(number))
}

function fileName(number: number): string {
  return String(number).padStart(8, "0")
}
