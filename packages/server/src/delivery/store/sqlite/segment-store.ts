// The delivery store on `delivery.db` and segment files. A batch is on disk with one append and one fdatasync. What changes a group or a seat is
// written to the database at once, without waiting for the disk; bodies only when their segment is full or old, and only those that are
// still needed then. After a crash everything that the segments hold is done again: `applied` in the settings says what was done already.

import { compare, concat } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import { overwriteAndRemove } from "../../../core/durable-file.ts"
import { ServerError } from "../../../core/server-error.ts"
import type { Database } from "../../../sqlite/database.ts"
import { type Step, openDatabase } from "../../../sqlite/database.ts"
import { emptyWriteAheadLog, eraseTraces } from "../../../sqlite/traces.ts"
import type {
  Change,
  CommitChange,
  DeliveryInput,
  DeliveryOperation,
  DeliveryOutput,
  Expired,
  StoredBody,
  StoredGroup,
} from "../delivery-store.ts"
import { nameOf } from "../../log/places.ts"
import { type BlobOperations, blobOperations } from "./blobs.ts"
import { addBody, applyChange, commitGroup, noteLast, notePlaced } from "./changes.ts"
import { deliverySchema } from "./delivery-schema.ts"
import { dayOf } from "./hours.ts"
import { type DeliveryOperations, inTransaction, rollBack } from "./operations.ts"
import { depth, integrity, loadGroup, readBodies, setting, spendToken } from "./reading.ts"
import { readBatch } from "./record.ts"
import { sweep } from "./retention.ts"
import { Segment, type SegmentStep, goneIn, replay, segmentsIn, takeOutOfUse } from "./segment.ts"
import type { FiledBody, UnspilledGroup } from "./unspilled.ts"

export interface SegmentStoreOptions {
  /** A segment is full with so much. */
  readonly segmentBytes?: number
  /** Called for what the operator should see; no facts of a group. */
  readonly log?: (event: string) => void
  /** For fault tests: what it throws, a step of a segment or of the database fails with. */
  readonly onStep?: (step: SegmentStep | Step) => void
}

/** Bodies that go into the database between two batches. */
const sliceBodies = 500
const sliceBytes = 4 * 1024 * 1024
/** A segment this many times too large waits for the one before it to be taken over. */
const overfull = 3
const appliedName = "applied_batch"

type OtherChange = Exclude<Change, { readonly kind: "post" }>
/** The records of a batch: where posts begin, and everything else with its beginning. */
interface Sorted {
  readonly posts: readonly number[]
  readonly others: readonly { readonly change: OtherChange; readonly at: number }[]
}

export class SegmentStore implements Omit<DeliveryOperations, "write" | keyof BlobOperations> {
  readonly #db: Database
  readonly #blobs: BlobOperations
  readonly #directory: string
  readonly #segmentBytes: number
  readonly #log: (event: string) => void
  readonly #onStep: (step: SegmentStep | Step) => void
  /** Oldest first. The last one is written; those before it are full, and the first is being taken over. */
  readonly #segments: Segment[] = []
  /** Groups of the first that are not taken over, by id. */
  #rest: UnspilledGroup[] | undefined
  /** Number of the newest batch. */
  #batch = 0
  #isTorn = false
  readonly #removals = new Set<Promise<void>>()

  /** @throws ServerError as `openDatabase`; `database_damaged` for a segment that is garbled before its end */
  constructor(path: string, directory: string, options: SegmentStoreOptions = {}) {
    this.#directory = directory
    this.#segmentBytes = options.segmentBytes ?? 64 * 1024 * 1024
    this.#log = options.log ?? (() => {})
    this.#onStep = options.onStep ?? (() => {})
    this.#db = openDatabase(path, { schema: deliverySchema, onStep: this.#onStep })
    this.#blobs = blobOperations(this.#db, (run) => this.#durably(run))
    try {
      // The segment is what survives a power cut. The database must only not be torn, and `#sync` says when it must be on the disk.
      this.#db.all("PRAGMA synchronous = NORMAL")
      this.#recover()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** Any operation but `write`, by its name. */
  call(name: Exclude<DeliveryOperation, "write">, input: unknown): unknown {
    if (Object.hasOwn(this.#blobs, name)) return (this.#blobs as Record<string, (input: unknown) => unknown>)[name]?.(input)
    return (this as unknown as Record<string, (input: unknown) => unknown>)[name]?.(input)
  }

  /** Whether there is a full segment to take over: call `spill` until it answers false. */
  get isSpilling(): boolean {
    return this.#segments.length > 1
  }

  /** Writes a batch of records. @throws and nothing is written; after a fault of the disk that cannot be undone, always */
  writeBatch(batch: Buffer): void {
    const current = this.#current
    this.#mustBeWhole()
    const records = sorted(batch)
    const { others } = records
    const number = this.#batch + 1
    const sizeBefore = current.size
    if (others.length > 0) this.#db.run("BEGIN IMMEDIATE")
    let fileAt: number
    try {
      if (others.length > 0) this.#apply(others, number)
      fileAt = current.append(batch, number)
    } catch (error) {
      rollBack(this.#db)
      throw error
    }
    try {
      if (others.length > 0) this.#db.run("COMMIT")
    } catch (error) {
      rollBack(this.#db)
      if (this.#hasApplied(number)) return this.#written(batch, { ...records, fileAt, number })
      if (!this.#isTorn) current.undo(sizeBefore)
      throw error
    }
    this.#written(batch, { ...records, fileAt, number })
  }

  #written(batch: Buffer, records: Sorted & { readonly fileAt: number; readonly number: number }): void {
    const current = this.#current
    this.#batch = records.number
    this.#file(current, batch, records)
    if (current.size < this.#segmentBytes) return
    if (this.isSpilling && current.size >= overfull * this.#segmentBytes) while (this.spill());
    if (!this.isSpilling) this.rotate()
  }

  /** Begins a new segment, unless there is nothing in this one. */
  rotate(): void {
    if (this.#current.size > 0)
      this.#segments.push(new Segment(this.#directory, this.#current.number + 1, { isNew: true, onStep: this.#onStep }))
  }

  /** Takes a part of the first full segment into the database; false when no full one is left. */
  spill(): boolean {
    const [first] = this.#segments
    if (first === undefined || !this.isSpilling) return false
    this.#rest ??= [...first.unspilled.groups.values()].sort((a, b) => compare(b.id, a.id))
    if (this.#rest.length > 0) {
      this.#spillSlice(first, this.#rest)
      return true
    }
    this.#sync()
    this.#remove(first)
    this.#rest = undefined
    this.#segments.shift()
    return this.isSpilling
  }

  loadGroup(input: DeliveryInput<"loadGroup">): StoredGroup | undefined {
    this.#mustBeWhole()
    const group = loadGroup(this.#db, input)
    if (group === undefined) return undefined
    const parts = this.#segments.flatMap(({ unspilled }) => unspilled.groups.get(nameOf(input.groupId)) ?? [])
    return parts.reduce(withUnspilled, group)
  }

  readBodies(input: DeliveryInput<"readBodies">): readonly StoredBody[] {
    this.#mustBeWhole()
    const found = readBodies(this.#db, input)
    let bytes = 0
    for (const { body, groupInfo } of found) bytes += body.length + (groupInfo?.length ?? 0)
    // Whatever stands in a segment comes after what is in the database.
    const isFull = (): boolean => found.length >= input.maxRecords || bytes >= input.maxBytes
    for (const segment of this.#segments) {
      const part = segment.unspilled.groups.get(nameOf(input.groupId))
      if (part === undefined) continue
      for (let at = part.indexAfter(Math.max(input.after, found.at(-1)?.order ?? 0)); at < part.count && !isFull(); at++) {
        const body = part.bodyAt(at)
        if (body.order > input.through) break
        found.push(storedBody(segment, body))
        bytes += body.sizeBytes + body.infoBytes
      }
    }
    return found
  }

  spendToken(input: DeliveryInput<"spendToken">): boolean {
    return this.#durably(() => spendToken(this.#db, input))
  }

  setting(input: DeliveryInput<"setting">): Uint8Array {
    return this.#durably(() => setting(this.#db, input))
  }

  sweep(input: DeliveryInput<"sweep">): DeliveryOutput<"sweep"> {
    return inTransaction(this.#db, () => {
      const unspilled = input.from === undefined ? this.#expireUnspilled(input.bodiesBeforeHour) : []
      const isInUse = (groupId: Uint8Array): boolean => this.#segments.some(({ unspilled }) => unspilled.groups.has(nameOf(groupId)))
      const { next, expired } = sweep(this.#db, input, isInUse)
      return { next, expired: [...unspilled, ...expired] }
    })
  }

  eraseTraces(input: DeliveryInput<"eraseTraces">): void {
    eraseTraces(this.#db, input)
  }

  integrity(): string {
    return integrity(this.#db)
  }

  depth(): DeliveryOutput<"depth"> {
    const total = { ...depth(this.#db) }
    for (const { unspilled } of this.#segments)
      for (const part of unspilled.groups.values())
        for (let at = 0; at < part.count; at++) {
          const { sizeBytes, infoBytes, hour } = part.bodyAt(at)
          total.bodies++
          total.bytes += sizeBytes + infoBytes
          total.oldestHour = Math.min(total.oldestHour ?? hour, dayOf(hour))
        }
    return total
  }

  /** Takes everything into the database and removes the segments. */
  async close(): Promise<void> {
    // What a start can repair stays as it is.
    if (this.#isTorn || this.#current.isBroken) return this.#db.close()
    this.rotate()
    while (this.spill());
    this.#remove(this.#current)
    await Promise.allSettled(this.#removals)
    emptyWriteAheadLog(this.#db)
    this.#db.close()
  }

  /** After a fault that could not be undone, segment and database may differ until the next start. */
  #mustBeWhole(): void {
    if (this.#isTorn || this.#current.isBroken) throw new WireError("unavailable", "the store waits for a restart")
  }

  get #current(): Segment {
    return this.#segments.at(-1) as Segment
  }

  /** Some bodies of the groups at the end of `rest`. Groups of which nothing is left leave it, and no sooner than the database has it all. */
  #spillSlice(segment: Segment, rest: UnspilledGroup[]): void {
    const taken: { readonly group: UnspilledGroup; readonly through: number; readonly isDone: boolean }[] = []
    inTransaction(this.#db, () => {
      let [bodies, bytes] = [0, 0]
      for (let at = rest.length - 1; at >= 0 && bodies < sliceBodies && bytes < sliceBytes; at--) {
        const group = rest[at] as UnspilledGroup
        const isGone = this.#db.get("SELECT 1 FROM groups WHERE group_id = ?", group.id) === undefined
        let next = isGone ? group.count : 0
        for (; next < group.count && bodies < sliceBodies && bytes < sliceBytes; next++) {
          const body = group.bodyAt(next)
          addBody(this.#db, { groupId: group.id, ...storedBody(segment, body) })
          bodies++
          bytes += body.sizeBytes + body.infoBytes
        }
        const isDone = next === group.count
        if (isDone && !isGone) noteGroup(this.#db, group)
        taken.push({ group, through: next === 0 ? 0 : group.bodyAt(next - 1).order, isDone })
        bodies++
      }
    })
    for (const { group, through, isDone } of taken) {
      group.erase(0, through)
      if (!isDone) continue
      segment.unspilled.groups.delete(nameOf(group.id))
      rest.pop()
    }
  }

  /** Groups and seats, and what goes; bodies wait in the segment. */
  #apply(others: Sorted["others"], number: number): void {
    for (const { change } of others) {
      if (change.kind === "commit") {
        commitGroup(this.#db, change)
        noteLast(this.#db, change)
      } else applyChange(this.#db, change)
    }
    this.#noteApplied(number)
  }

  /** Whether the database has the batch although committing it failed. */
  #hasApplied(number: number): boolean {
    try {
      return this.#applied() === number
    } catch {
      this.#isTorn = true
      return false
    }
  }

  #applied(): number {
    const row = this.#db.get<{ value: Uint8Array }>("SELECT value FROM settings WHERE name = ?", appliedName)
    return row === undefined ? 0 : Number(Buffer.from(row.value).readBigUInt64BE())
  }

  #noteApplied(number: number): void {
    const value = Buffer.alloc(8)
    value.writeBigUInt64BE(BigInt(number))
    this.#db.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", appliedName, value)
  }

  /** Remembers where the bodies of a batch stand in the file, and forgets those that it erases. */
  #file({ unspilled }: Segment, batch: Buffer, { posts, others, fileAt }: Sorted & { readonly fileAt: number }): void {
    let next = 0
    const filePosts = (until: number): void => {
      for (let at = posts[next]; at !== undefined && at < until; at = posts[++next]) unspilled.ofPost(batch, at).addPost(batch, at, fileAt)
    }
    for (const { change, at } of others) {
      if (change.kind !== "commit" && change.kind !== "erase") continue
      filePosts(at)
      if (change.kind === "commit") unspilled.at(change.groupId).add(filedCommit(batch, change, fileAt))
      else for (const segment of this.#segments) segment.unspilled.groups.get(nameOf(change.groupId))?.erase(change.from, change.through)
    }
    filePosts(Infinity)
  }

  #expireUnspilled(beforeHour: number): Expired[] {
    const expired: Expired[] = []
    for (const { unspilled } of this.#segments)
      for (const part of unspilled.groups.values()) {
        let through = 0
        for (let at = 0; at < part.count && part.bodyAt(at).hour < beforeHour; at++) through = part.bodyAt(at).order
        if (through === 0) continue
        part.erase(0, through)
        this.#db.run("DELETE FROM seats WHERE group_id = ? AND end_order <= ?", part.id, through)
        expired.push({ groupId: part.id, through })
      }
    return expired
  }

  /** A transaction that is on the disk when it returns. */
  #durably<T>(run: () => T): T {
    this.#db.all("PRAGMA synchronous = FULL")
    try {
      return inTransaction(this.#db, run)
    } finally {
      this.#db.all("PRAGMA synchronous = NORMAL")
    }
  }

  /** Everything that the database holds is on the disk. */
  #sync(): void {
    this.#durably(() => this.#noteApplied(this.#batch))
  }

  /** Of a segment whose contents the database has on the disk. */
  #remove(segment: Segment): void {
    const gone = takeOutOfUse(segment.path)
    segment.close()
    this.#overwrite(gone)
  }

  #overwrite(path: string): void {
    const removal: Promise<void> = overwriteAndRemove(path)
      .catch(() => this.#log("delivery_segment_left"))
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }

  /** Takes what the segments hold into the database, removes them, and begins a new one. */
  #recover(): void {
    const numbers = segmentsIn(this.#directory)
    for (const path of goneIn(this.#directory)) this.#overwrite(path)
    this.#batch = this.#applied()
    for (const number of numbers) {
      const segment = new Segment(this.#directory, number, { isNew: false, onStep: this.#onStep })
      this.#segments.push(segment)
      this.#recoverSegment(segment, { isLast: number === numbers.at(-1) })
    }
    this.#segments.push(new Segment(this.#directory, (numbers.at(-1) ?? 0) + 1, { isNew: true, onStep: this.#onStep }))
    while (this.spill());
  }

  #recoverSegment(segment: Segment, { isLast }: { readonly isLast: boolean }): void {
    const { batches, end } = replay(segment.path)
    if (end === "damaged" || (end === "torn" && !isLast))
      throw new ServerError("database_damaged", "A segment file of the delivery service is damaged. Restore a backup.")
    // The batch that was under way when the power went was never answered.
    if (end === "torn") this.#log("delivery_segment_torn")
    const done = this.#batch
    for (const { number, batch, at } of batches) {
      const records = sorted(batch)
      if (number > done && records.others.length > 0) inTransaction(this.#db, () => this.#apply(records.others, number))
      this.#file(segment, batch, { ...records, fileAt: at })
      this.#batch = Math.max(this.#batch, number)
    }
  }
}

function sorted(batch: Buffer): Sorted {
  const posts: number[] = []
  const others: { change: OtherChange; at: number }[] = []
  readBatch(batch, { post: (at) => posts.push(at), other: (change, at) => others.push({ change, at }) })
  return { posts, others }
}

/** Body and GroupInfo are parts of the batch's memory. */
function filedCommit(batch: Buffer, { order, hour, body, groupInfo }: CommitChange, fileAt: number): FiledBody {
  const place = (part: Uint8Array): number => fileAt + part.byteOffset - batch.byteOffset
  const info = groupInfo === undefined ? { infoAt: 0, infoBytes: 0 } : { infoAt: place(groupInfo), infoBytes: groupInfo.length }
  return { order, hour, kind: "commit", at: place(body), sizeBytes: body.length, ...info }
}

function storedBody(segment: Segment, { order, hour, kind, ...filed }: FiledBody): StoredBody {
  const groupInfo = filed.infoBytes === 0 ? undefined : segment.read(filed.infoAt, filed.infoBytes)
  return { order, hour, kind, body: segment.read(filed.at, filed.sizeBytes), groupInfo }
}

/** Which of its posts were placed, and how far the group is. */
function noteGroup(db: Database, group: UnspilledGroup): void {
  const { id: groupId, placed, firstPlaced, lastOrder, lastHour } = group
  if (placed.length > 0) notePlaced(db, { groupId, firstOrder: firstPlaced, hour: lastHour, entries: placed, fanout: undefined })
  noteLast(db, { groupId, order: lastOrder, hour: lastHour })
}

function withUnspilled(group: StoredGroup, part: UnspilledGroup): StoredGroup {
  const waiting: number[] = []
  for (let at = 0; at < part.count; at++) {
    const { order, sizeBytes, infoBytes } = part.bodyAt(at)
    waiting.push(order, sizeBytes + infoBytes)
  }
  return {
    ...group,
    lastOrder: Math.max(group.lastOrder, part.lastOrder),
    lastHour: Math.max(group.lastHour, part.lastHour),
    placed: { ...group.placed, posts: concat(group.placed.posts, part.placed) },
    waiting: Float64Array.of(...group.waiting, ...waiting),
  }
}
