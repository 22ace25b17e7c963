// What is neither row nor column: files of the data directory, lines of the log, metrics, and the headers of answers.

import { type InventoryEntry, entriesOf } from "./entry.ts"

/** Below the data directory. `#` stands for digits and hexadecimal digits. */
const files: readonly InventoryEntry[] = entriesOf("file ", "operator", {
  "accounts.db": ["operational", "operator", "the database; its columns are listed one by one"],
  "accounts.db-wal": ["operational", "hour", "changes on their way into the database file; emptied hourly and at the end"],
  "accounts.db-shm": ["operational", "process", "index of the former, no data"],
  "delivery.db": ["operational", "operator", "the delivery service's database; its columns are listed one by one"],
  "delivery.db-wal": ["operational", "hour", "changes on their way into that file; emptied hourly and at the end"],
  "delivery.db-shm": ["operational", "process", "index of the former, no data"],
  "delivery/#": ["ciphertext", "minutes", "ciphertexts of the last minutes, in the order in which they came; then overwritten"],
  "server.lock": ["operational", "process", "empty; keeps a second server out"],
  "server.lock-journal": ["operational", "process", "belongs to it, no data"],
  "last-backup.json": ["operational", "operator", "when the last backup was made and how many files it has"],
  "outbox/#-#.eml": [
    "operational",
    "operator",
    "codes by e-mail with their receiver's address, only while no SMTP server is set, for development",
  ],
  "desk/desk.sqlite": ["operational", "operator", "the lawful desk's record of requests; its columns are listed one by one"],
  "desk/desk.sqlite-wal": ["operational", "process", "changes on their way into that file"],
  "desk/desk.sqlite-shm": ["operational", "process", "index of the former, no data"],
  "desk/canary.json": ["operational", "operator", "the public statement that people signed by hand"],
  "desk/canaries/#.json": ["operational", "operator", "the same and those before it, named by their hash"],
  "desk/export.key": ["operational", "ever", "signs what the desk hands over; opens no message"],
  "desk/archives/#.json": ["operational", "week", "what was handed over in a case, kept for download after it ended"],
  "desk/archives/#.html": ["operational", "week", "the letter with it"],
  "desk/documents/#": ["operational", "operator", "papers that came with a request, named by their hash"],
  "log/log.sqlite": ["operational", "operator", "the transparency log; its columns are listed one by one"],
  "log/log.sqlite-wal": ["operational", "process", "changes on their way into that file"],
  "log/log.sqlite-shm": ["operational", "process", "index of the former, no data"],
  "log/vrf.key": ["operational", "ever", "places accounts in the public map; opens no message"],
  "log/signing-#.key": ["operational", "ever", "signs the log's checkpoints; opens no message"],
})

const logFields: readonly InventoryEntry[] = entriesOf("log field ", "operator", {
  level: ["operational", "operator", "info, warn or error"],
  time: ["operational", "operator", "when the line was written"],
  event: ["operational", "operator", "what happened, from a closed list"],
  at: ["operational", "operator", "where in our own code a bug was met"],
  auditor: ["operational", "operator", "public name of an auditor of the log"],
  cause: ["operational", "operator", "SQLite's result code, or the kind of a bug"],
  code: ["operational", "operator", "error code from a closed list"],
  kind: ["operational", "operator", "class of an unexpected error"],
  operation: ["operational", "operator", "which of the store's operations failed"],
  reason: ["operational", "operator", "why the transparency log waits or stands still"],
  status: ["operational", "operator", "HTTP status that a witness answered with"],
  witness: ["operational", "operator", "public name of a witness of the log"],
})

const metrics: readonly InventoryEntry[] = entriesOf("metric ", "operator", {
  nodoor_answers_total: ["operational", "process", "requests, by route and code"],
  nodoor_answer_seconds: ["operational", "process", "how long answers took"],
  nodoor_store_commit_seconds: ["operational", "process", "how long the disk took"],
  nodoor_store_commit_operations: ["operational", "process", "operations that shared a transaction"],
  nodoor_streams: ["operational", "process", "devices connected"],
  nodoor_records_sent_total: ["operational", "process", "records delivered"],
  nodoor_delivery_streams: ["operational", "process", "streams open, by kind"],
  nodoor_posts_total: ["operational", "process", "ciphertexts placed"],
  nodoor_delivered_total: ["operational", "process", "ciphertexts sent to those who read"],
  nodoor_groups_in_memory: ["operational", "process", "conversations in memory"],
  nodoor_posts_waiting: ["operational", "process", "ciphertexts on their way to the disk"],
  nodoor_log_size: ["operational", "process", "entries in the transparency log"],
  nodoor_log_keys: ["operational", "process", "rows of its map"],
  nodoor_log_map_bytes: ["operational", "process", "memory of its map"],
  nodoor_log_waiting: ["operational", "process", "states that wait for it"],
  nodoor_log_epoch_timestamp_seconds: ["operational", "process", "the time that its newest epoch states"],
  nodoor_log_published_timestamp_seconds: ["operational", "process", "when it was last published"],
  nodoor_log_witnesses: ["operational", "process", "witnesses that signed"],
  nodoor_log_refused: ["operational", "process", "whether it stands still"],
  nodoor_log_build_seconds: ["operational", "process", "time to write a batch"],
  nodoor_log_publish_seconds: ["operational", "process", "time to publish it"],
  "process_*": ["operational", "process", "memory, processor and files of this process"],
  "nodejs_*": ["operational", "process", "inner workings of the runtime"],
})

const metricLabels: readonly InventoryEntry[] = entriesOf("metric label ", "operator", {
  route: ["operational", "process", "which of the protocol's routes, from a closed list"],
  code: ["operational", "process", "ok or an error code, from a closed list"],
  le: ["operational", "process", "upper bound of a histogram's bucket"],
  kind: ["operational", "process", "kind of garbage collection"],
  space: ["operational", "process", "part of the heap"],
  type: ["operational", "process", "kind of the runtime's resource"],
  version: ["operational", "process", "version of the runtime"],
  major: ["operational", "process", "the same"],
  minor: ["operational", "process", "the same"],
  patch: ["operational", "process", "the same"],
})

const responseHeaders: readonly InventoryEntry[] = entriesOf("response header ", "everybody", {
  "access-control-allow-origin": ["operational", "answered", "anybody's page may check the log's files"],
  allow: ["operational", "answered", "which method a path takes"],
  "cache-control": ["operational", "answered", "what may be kept"],
  connection: ["operational", "answered", "HTTP's own"],
  "content-encoding": ["operational", "answered", "compression of the app's files; messages are never compressed"],
  "content-length": ["operational", "answered", "HTTP's own"],
  "content-security-policy": ["operational", "answered", "what the page may load"],
  "content-type": ["operational", "answered", "what the body is"],
  "cross-origin-embedder-policy": ["operational", "answered", "separates the page from others"],
  "cross-origin-opener-policy": ["operational", "answered", "separates the page from others"],
  "cross-origin-resource-policy": ["operational", "answered", "separates the page from others"],
  date: ["operational", "answered", "the server's clock"],
  etag: ["operational", "answered", "hash of a file's content, the same for everybody"],
  "keep-alive": ["operational", "answered", "HTTP's own"],
  location: ["operational", "answered", "the same page under the name that the server has"],
  "permissions-policy": ["operational", "answered", "what the page may use of the machine"],
  "referrer-policy": ["operational", "answered", "other sites do not learn where somebody came from"],
  "sec-websocket-accept": ["operational", "answered", "WebSocket's own"],
  upgrade: ["operational", "answered", "WebSocket's own"],
  vary: ["operational", "answered", "what a cache must tell apart"],
  "x-content-type-options": ["operational", "answered", "no guessing of types"],
  "x-frame-options": ["operational", "answered", "no frames"],
})

/** There is no cookie: sign-in is a token that the app sends itself. */
const cookies: readonly InventoryEntry[] = []

export const surfaces: readonly InventoryEntry[] = [...files, ...logFields, ...metrics, ...metricLabels, ...responseHeaders, ...cookies]
