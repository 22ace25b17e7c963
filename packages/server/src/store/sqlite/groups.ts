// Groups: one order without gaps, one compare-and-swap on the epoch, and one stored body for all its mailboxes.

import { compare, equal } from "@nodoor/bytes"
import { WireError, limits } from "@nodoor/wire"
import { sha256Of } from "../../core/crypto.ts"
import type { GroupKeys, NewCommit, OperationInput, OperationOutput, PlacedBody, SpentClaim } from "../store.ts"
import type { Database } from "../../sqlite/database.ts"
import { trimMailbox } from "./mailboxes.ts"

interface GroupRow {
  readonly epoch: number
  readonly delivery_key: Uint8Array
  readonly previous_key: Uint8Array | null
  readonly last_order: number
  readonly last_time_ms: number
  readonly create_hash: Uint8Array
}

const none = new Uint8Array()

function findGroup(db: Database, groupId: Uint8Array): GroupRow | undefined {
  return db.get<GroupRow>(
    "SELECT epoch, delivery_key, previous_key, last_order, last_time_ms, create_hash FROM groups WHERE group_id = ?",
    groupId,
  )
}

export function groupKeys(db: Database, { groupId }: OperationInput<"groupKeys">): GroupKeys | undefined {
  const group = findGroup(db, groupId)
  return group && { epoch: group.epoch, deliveryKey: group.delivery_key, previousKey: group.previous_key ?? undefined }
}

export function createGroup(db: Database, input: OperationInput<"createGroup">): void {
  const before = findGroup(db, input.groupId)
  if (before !== undefined) {
    if (equal(before.create_hash, input.createHash)) return
    throw new WireError("group_exists")
  }
  spendClaim(db, input.claim)
  if (db.get("SELECT 1 FROM mailboxes WHERE mailbox = ?", input.mailbox) === undefined) throw new WireError("claim_invalid")
  db.run(
    "INSERT INTO groups (group_id, epoch, delivery_key, previous_key, last_order, last_time_ms, create_hash) VALUES (?, 0, ?, NULL, 0, ?, ?)",
    input.groupId,
    input.deliveryKey,
    input.nowMs,
    input.createHash,
  )
  db.run("INSERT INTO deliveries (group_id, mailbox) VALUES (?, ?)", input.groupId, input.mailbox)
}

export function findPlaced(db: Database, { groupId, bodyHash }: OperationInput<"findPlaced">): OperationOutput<"findPlaced"> {
  type Row = { group_order: number; time_ms: number; fanout: Uint8Array | null }
  const row = db.get<Row>("SELECT group_order, time_ms, fanout FROM placed WHERE group_id = ? AND body_hash = ?", groupId, bodyHash)
  return row && { order: row.group_order, timeMs: row.time_ms, recipients: none, fanout: row.fanout ?? undefined }
}

export function appendPost(db: Database, input: OperationInput<"appendPost">): PlacedBody {
  const { groupId } = input
  const group = findGroup(db, groupId)
  if (group === undefined) throw new WireError("group_not_found")
  const before = findPlaced(db, input)
  if (before !== undefined) return { order: before.order, timeMs: before.timeMs, recipients: none }
  checkEpoch(group, input.epoch, group.previous_key === null ? 0 : 1)
  const place = nextPlace(group, input.nowMs)
  const bodyId = addBody(db, { kind: "post", groupId, ...place, body: input.body })
  const recipients = deliver(db, { groupId, bodyId, toMuted: false, sizeBytes: input.body.length, maxBytes: input.mailboxMaxBytes })
  db.run("UPDATE groups SET last_order = ?, last_time_ms = ? WHERE group_id = ?", place.order, place.timeMs, groupId)
  notePlaced(db, { groupId, bodyHash: input.bodyHash, ...place })
  return { ...place, recipients }
}

export function commitGroup(db: Database, input: NewCommit): PlacedBody & { readonly fanout: Uint8Array } {
  const { groupId } = input
  const group = findGroup(db, groupId)
  if (group === undefined) throw new WireError("group_not_found")
  const before = findPlaced(db, { groupId, bodyHash: input.commitHash })
  if (before?.fanout !== undefined) return { order: before.order, timeMs: before.timeMs, recipients: none, fanout: before.fanout }
  checkEpoch(group, input.epoch, 0)

  const place = nextPlace(group, input.nowMs)
  const fanout = fanoutAfter(db, input)
  const bodyId = addBody(db, { kind: "commit", groupId, ...place, fanout, body: input.commit })
  // Removed members get this commit and nothing after it. Added members get their Welcome instead, unless they were there before.
  const recipients = deliver(db, { groupId, bodyId, toMuted: true, sizeBytes: input.commit.length, maxBytes: input.mailboxMaxBytes })
  for (const mailbox of input.removes) db.run("DELETE FROM deliveries WHERE group_id = ? AND mailbox = ?", groupId, mailbox)
  const welcomed = welcome(db, input, place, fanout)
  // Removed members have the old key, so it ends with the commit that removes them.
  db.run(
    "UPDATE groups SET epoch = epoch + 1, previous_key = iif(?, NULL, delivery_key), delivery_key = ?, last_order = ?, last_time_ms = ? WHERE group_id = ?",
    input.removes.length > 0 ? 1 : 0,
    input.nextDeliveryKey,
    place.order,
    place.timeMs,
    groupId,
  )
  notePlaced(db, { groupId, bodyHash: input.commitHash, ...place, fanout })
  checkSize(db, input)
  return { ...place, fanout, recipients: new Uint8Array(Buffer.concat([recipients, ...welcomed])) }
}

export function groupMailboxes(db: Database, { groupId }: OperationInput<"groupMailboxes">): Uint8Array | undefined {
  if (findGroup(db, groupId) === undefined) return undefined
  const rows = db.all<{ mailbox: Uint8Array }>(
    "SELECT mailbox FROM deliveries d WHERE group_id = ? AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.mailbox = d.mailbox AND m.group_id = d.group_id)",
    groupId,
  )
  return new Uint8Array(Buffer.concat(rows.map((row) => row.mailbox)))
}

/** The epoch must be the group's, or at most `older` before it. */
function checkEpoch(group: GroupRow, epoch: number, older: 0 | 1): void {
  if (epoch > group.epoch) throw new WireError("epoch_future", "epoch_future", { epoch: group.epoch })
  if (epoch < group.epoch - older) throw new WireError("epoch_stale", "epoch_stale", { epoch: group.epoch })
}

/** Orders have no gaps, and times never go back even if the clock does. */
function nextPlace(group: GroupRow, nowMs: number): { readonly order: number; readonly timeMs: number } {
  return { order: group.last_order + 1, timeMs: Math.max(nowMs, group.last_time_ms) }
}

interface NewBody {
  readonly kind: "post" | "commit" | "welcome" | "group_info"
  readonly groupId: Uint8Array
  readonly order: number
  readonly timeMs: number
  readonly fanout?: Uint8Array
  readonly groupInfoId?: number | undefined
  readonly waiting?: number
  readonly body: Uint8Array
}
function addBody(db: Database, body: NewBody): number {
  const row = db.get<{ body_id: number }>(
    "INSERT INTO bodies (waiting, kind, group_id, group_order, time_ms, fanout, group_info_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING body_id",
    body.waiting ?? 0,
    body.kind,
    body.groupId,
    body.order,
    body.timeMs,
    body.fanout ?? null,
    body.groupInfoId ?? null,
    body.body,
  )
  return (row as { body_id: number }).body_id
}

interface Delivered {
  readonly groupId: Uint8Array
  readonly bodyId: number
  readonly toMuted: boolean
  readonly sizeBytes: number
  /** What a mailbox may hold. */
  readonly maxBytes: number | undefined
}

/** One pointer per mailbox of the group that still exists. */
function deliver(db: Database, { groupId, bodyId, toMuted, sizeBytes, maxBytes = Infinity }: Delivered): Uint8Array {
  const rows = db.all<{ mailbox: Uint8Array; seq: number; held_bytes: number }>(
    `INSERT INTO waiting (mailbox, seq, body_id, held_bytes)
     SELECT d.mailbox, max(b.floor, coalesce(l.seq, 0)) + 1, ?, coalesce(l.held_bytes, 0) + ?
       FROM deliveries d JOIN mailboxes b ON b.mailbox = d.mailbox
       LEFT JOIN waiting l ON l.mailbox = d.mailbox AND l.seq = (SELECT max(seq) FROM waiting w WHERE w.mailbox = d.mailbox)
      WHERE d.group_id = ? AND (? OR NOT EXISTS (SELECT 1 FROM mutes m WHERE m.mailbox = d.mailbox AND m.group_id = d.group_id))
     RETURNING mailbox, seq, held_bytes`,
    bodyId,
    sizeBytes,
    groupId,
    toMuted ? 1 : 0,
  )
  if (rows.length === 0) db.run("DELETE FROM bodies WHERE body_id = ?", bodyId)
  else db.run("UPDATE bodies SET waiting = ? WHERE body_id = ?", rows.length, bodyId)
  // Only what has held so much since it was last empty can hold too much now.
  for (const row of rows) if (row.held_bytes > maxBytes) trimMailbox(db, row.mailbox, maxBytes)
  return packRecipients(rows)
}

function packRecipients(rows: readonly { readonly mailbox: Uint8Array; readonly seq: number }[]): Uint8Array {
  const packed = new Uint8Array(rows.length * 24)
  const view = new DataView(packed.buffer)
  for (const [at, row] of rows.entries()) {
    packed.set(row.mailbox, at * 24)
    view.setBigUint64(at * 24 + 16, BigInt(row.seq))
  }
  return packed
}

/** Puts each added mailbox into the delivery set and its Welcome into the mailbox; the GroupInfo is stored once for all of them. */
function welcome(
  db: Database,
  input: NewCommit,
  place: { readonly order: number; readonly timeMs: number },
  fanout: Uint8Array,
): Uint8Array[] {
  if (input.adds.length === 0 || input.groupInfo === undefined) return []
  const { groupId } = input
  const { groupInfo, mailboxMaxBytes: maxBytes = Infinity } = input
  const groupInfoId = addBody(db, { kind: "group_info", groupId, ...place, waiting: input.adds.length, body: groupInfo })
  return input.adds.map(({ mailbox, secret, claim }) => {
    spendClaim(db, claim)
    const box = db.get<{ floor: number }>("SELECT floor FROM mailboxes WHERE mailbox = ?", mailbox)
    if (box === undefined) throw new WireError("claim_invalid", "an added device was revoked")
    db.run("INSERT OR IGNORE INTO deliveries (group_id, mailbox) VALUES (?, ?)", groupId, mailbox)
    const bodyId = addBody(db, { kind: "welcome", groupId, ...place, fanout, groupInfoId, waiting: 1, body: secret })
    type Newest = { seq: number; held_bytes: number }
    const newest = db.get<Newest>("SELECT seq, held_bytes FROM waiting WHERE mailbox = ? ORDER BY seq DESC LIMIT 1", mailbox)
    const seq = Math.max(box.floor, newest?.seq ?? 0) + 1
    const heldBytes = (newest?.held_bytes ?? 0) + secret.length + groupInfo.length
    db.run("INSERT INTO waiting (mailbox, seq, body_id, held_bytes) VALUES (?, ?, ?, ?)", mailbox, seq, bodyId, heldBytes)
    if (heldBytes > maxBytes) trimMailbox(db, mailbox, maxBytes)
    return packRecipients([{ mailbox, seq }])
  })
}

/**
 * The hash of the delivery set that the commit leaves. Whom it removes need not be there, whom it adds may be: members compare the hash with
 * their tree, and nobody can keep a removal or an addition out by changing the list before.
 */
function fanoutAfter(db: Database, input: NewCommit): Uint8Array {
  const rows = db.all<{ mailbox: Uint8Array }>("SELECT mailbox FROM deliveries WHERE group_id = ? ORDER BY mailbox", input.groupId)
  const name = (mailbox: Uint8Array): string => Buffer.from(mailbox).toString("latin1")
  const members = new Map(rows.map(({ mailbox }) => [name(mailbox), mailbox]))
  for (const mailbox of input.removes) members.delete(name(mailbox))
  for (const { mailbox } of input.adds) members.set(name(mailbox), mailbox)
  return sha256Of([...members.values()].sort(compare))
}

function checkSize(db: Database, input: NewCommit): void {
  if (input.adds.length === 0) return
  const devices = db.get<{ n: number }>("SELECT count(*) AS n FROM deliveries WHERE group_id = ?", input.groupId)?.n ?? 0
  if (devices > limits.devicesPerGroup) throw new WireError("too_many_devices")
  if (devices <= limits.accountsPerGroup) return
  const accounts = db.get<{ n: number }>(
    "SELECT count(DISTINCT v.account_id) AS n FROM deliveries d JOIN devices v ON v.device_id = d.mailbox WHERE d.group_id = ?",
    input.groupId,
  )
  if ((accounts?.n ?? 0) > limits.accountsPerGroup) throw new WireError("too_many_devices", "too many accounts in the group")
}

function spendClaim(db: Database, claim: SpentClaim): void {
  const fresh = db.run("INSERT OR IGNORE INTO used_claims (token_hash, expires_at_ms) VALUES (?, ?)", claim.tokenHash, claim.expiresAtMs)
  if (fresh === 0) throw new WireError("claim_invalid", "a claim token is used once")
}

function notePlaced(
  db: Database,
  placed: {
    readonly groupId: Uint8Array
    readonly bodyHash: Uint8Array
    readonly order: number
    readonly timeMs: number
    readonly fanout?: Uint8Array
  },
): void {
  db.run(
    "INSERT INTO placed (group_id, body_hash, group_order, time_ms, fanout) VALUES (?, ?, ?, ?, ?)",
    placed.groupId,
    placed.bodyHash,
    placed.order,
    placed.timeMs,
    placed.fanout ?? null,
  )
}
