// Rows of blobs and of uploads. Their bytes are files.

import type { Database } from "../../../sqlite/database.ts"
import type { DeliveryInput, DeliveryOutput, DeliveryStoreOperations, StoredBlob, StoredUpload } from "../delivery-store.ts"

export const blobOperationNames = [
  "findBlob",
  "beginUpload",
  "noteReceived",
  "finishUpload",
  "extendBlob",
  "deleteBlob",
  "expireBlobs",
  "listBlobs",
  "blobDepth",
] as const

export type BlobOperations = Pick<DeliveryStoreOperations, (typeof blobOperationNames)[number]>

/** `durably` runs something in a transaction that is on the disk when it returns. */
export function blobOperations(db: Database, durably: <T>(run: () => T) => T): BlobOperations {
  return {
    findBlob: (input) => findBlob(db, input),
    beginUpload: (input) => durably(() => beginUpload(db, input)),
    noteReceived: ({ idHash, received }) =>
      durably(() => void db.run("UPDATE uploads SET received = ? WHERE id_hash = ?", received, idHash)),
    finishUpload: ({ idHash }) => durably(() => finishUpload(db, idHash)),
    extendBlob: ({ idHash, untilDay }) =>
      durably(() => void db.run("UPDATE blobs SET until_day = max(until_day, ?) WHERE id_hash = ?", untilDay, idHash)),
    deleteBlob: ({ idHash, what }) =>
      durably(() => {
        db.run("DELETE FROM uploads WHERE id_hash = ?", idHash)
        if (what === "both") db.run("DELETE FROM blobs WHERE id_hash = ?", idHash)
      }),
    expireBlobs: (input) => durably(() => expireBlobs(db, input)),
    listBlobs: (input) => listBlobs(db, input),
    blobDepth: () => blobDepth(db),
  }
}

interface BlobRow {
  readonly id_hash: Uint8Array
  readonly secret_hash: Uint8Array
  readonly file: Uint8Array
  readonly size: number
  readonly until_day: number
}
interface UploadRow extends BlobRow {
  readonly received: number
  readonly begun_day: number
}

function findBlob(db: Database, { idHash }: DeliveryInput<"findBlob">): DeliveryOutput<"findBlob"> {
  const blob = db.get<BlobRow>("SELECT id_hash, secret_hash, file, size, until_day FROM blobs WHERE id_hash = ?", idHash)
  const upload = db.get<UploadRow>(
    "SELECT id_hash, secret_hash, file, size, until_day, received, begun_day FROM uploads WHERE id_hash = ?",
    idHash,
  )
  return { blob: blob && storedBlob(blob), upload: upload && storedUpload(upload) }
}

function storedBlob(row: BlobRow): StoredBlob {
  return { idHash: row.id_hash, secretHash: row.secret_hash, file: row.file, size: row.size, untilDay: row.until_day }
}

function storedUpload(row: UploadRow): StoredUpload {
  return { ...storedBlob(row), received: row.received, begunDay: row.begun_day }
}

function beginUpload(db: Database, { upload, maxBytes }: DeliveryInput<"beginUpload">): boolean {
  db.run("DELETE FROM uploads WHERE id_hash = ?", upload.idHash)
  if (blobDepth(db).bytes + upload.size > maxBytes) return false
  db.run(
    "INSERT INTO uploads (id_hash, secret_hash, file, size, until_day, received, begun_day) VALUES (?, ?, ?, ?, ?, ?, ?)",
    upload.idHash,
    upload.secretHash,
    upload.file,
    upload.size,
    upload.untilDay,
    upload.received,
    upload.begunDay,
  )
  return true
}

function finishUpload(db: Database, idHash: Uint8Array): boolean {
  db.run(
    "INSERT OR REPLACE INTO blobs (id_hash, secret_hash, file, size, until_day) SELECT id_hash, secret_hash, file, size, until_day FROM uploads WHERE id_hash = ?",
    idHash,
  )
  return db.run("DELETE FROM uploads WHERE id_hash = ?", idHash) > 0
}

function expireBlobs(db: Database, { day, unfinishedBeforeDay }: DeliveryInput<"expireBlobs">): Uint8Array[] {
  const rows = db.all<{ file: Uint8Array }>(
    "SELECT file FROM blobs WHERE until_day < ? UNION ALL SELECT file FROM uploads WHERE begun_day < ?",
    day,
    unfinishedBeforeDay,
  )
  db.run("DELETE FROM blobs WHERE until_day < ?", day)
  db.run("DELETE FROM uploads WHERE begun_day < ?", unfinishedBeforeDay)
  return rows.map(({ file }) => file)
}

function listBlobs(db: Database, { from, max }: DeliveryInput<"listBlobs">): DeliveryOutput<"listBlobs"> {
  const ids = db.all<{ id_hash: Uint8Array }>(
    "SELECT id_hash FROM blobs WHERE id_hash > ? UNION SELECT id_hash FROM uploads WHERE id_hash > ? ORDER BY id_hash LIMIT ?",
    from ?? new Uint8Array(),
    from ?? new Uint8Array(),
    max,
  )
  return ids.flatMap(({ id_hash: idHash }) => {
    const { blob, upload } = findBlob(db, { idHash })
    return [
      ...(blob ? [{ idHash, what: "blob" as const, file: blob.file, bytes: blob.size }] : []),
      ...(upload ? [{ idHash, what: "upload" as const, file: upload.file, bytes: upload.received }] : []),
    ]
  })
}

function blobDepth(db: Database): DeliveryOutput<"blobDepth"> {
  const row = db.get<{ n: number; bytes: number | null }>(
    "SELECT count(*) AS n, sum(size) AS bytes FROM (SELECT size FROM blobs UNION ALL SELECT size FROM uploads)",
  )
  return { blobs: row?.n ?? 0, bytes: row?.bytes ?? 0 }
}
