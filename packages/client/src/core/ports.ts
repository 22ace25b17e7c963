// What one device needs of the world, each handed in, so that the same code runs in Node, in a browser worker and in the simulator.

import type { MediaCrypto } from "@nodoor/media"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { Route } from "@nodoor/wire"
import type { BlobPath } from "@nodoor/wire/delivery"
import type { Trace } from "./trace.ts"

export interface Ports {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly crypto: CryptoProvider
  readonly blindSignatures: BlindSignatures
  readonly network: Network
  readonly database: Database
  /** Seals and opens photos and files. */
  readonly mediaCrypto: MediaCrypto
  readonly files: Files
  /** Reaches a person's own bucket. Without it, backups cannot go to one: a page in a browser is let talk to its own server only. */
  readonly bucket?: BucketNetwork
  /** Takes trace lines for debugging. Without it, nothing is traced. */
  readonly trace?: Trace
}

/**
 * RSABSSA-SHA384-PSS-Deterministic of RFC 9474, with keys of 2,048 bits in the form of RFC 9578 section 6.5. `blind` takes some hundredths
 * of a second.
 */
export interface BlindSignatures {
  /** `blinded` may be shown to the signer; `inverse` takes the blinding off and stays here. @throws CodecError for another kind of key */
  blind(key: Uint8Array, message: Uint8Array): Promise<{ readonly blinded: Uint8Array; readonly inverse: Uint8Array }>
  /** The signature of the message itself; undefined if it does not hold under the key. @throws CodecError for another kind of key */
  finalize(
    key: Uint8Array,
    message: Uint8Array,
    signed: { readonly signature: Uint8Array; readonly inverse: Uint8Array },
  ): Promise<Uint8Array | undefined>
}

export interface Clock {
  /** Unix time in milliseconds. May jump; nothing depends on it going forward. */
  nowMs(): number
}

export interface Timers {
  /** Calls back once after `delayMs` or later; the returned function cancels. Callbacks never throw. */
  after(delayMs: number, callback: () => void): () => void
}

/**
 * How a device reaches a server. Connections of different classes never share a socket, a TLS session or an HTTP/2 connection: the server
 * could tell from it that both are one device's.
 */
export type ConnectionClass =
  /** Requests that name the device. */
  | "session"
  /** Requests to the account service that name nobody. */
  | "anonymous"
  /** The stream that brings what is posted to groups. */
  | "reading"
  /** The stream that posts to groups. */
  | "posting"

/**
 * The way to a server. Requests may be lost, answered late, or answered more than once by a resend; order between requests is
 * not kept. Nothing is sent twice by the port itself.
 */
export interface Network {
  /**
   * One request, encoded and checked by the route's schemas.
   * @throws WireError the server's refusal
   * @throws NetworkError no answer, or one that is not of the schema
   */
  call<Request extends object, Answer>(
    serverUrl: string,
    route: Route<Request, Answer>,
    request: Request,
    options?: CallOptions,
  ): Promise<Answer>
  /**
   * A public file of the server (`/canary.json`), asked for without anything that names the device. Undefined: the server says that there is
   * none. At most `maxBytes` + 1 bytes of it: one more than allowed says that it was longer.
   * @throws NetworkError no answer, or another refusal
   */
  file(serverUrl: string, path: string, maxBytes: number): Promise<Uint8Array | undefined>
  /**
   * One request about a blob, at a host's address, without anything that names the device: of the class `reading` for a download, else
   * `posting`. The answer may be a refusal.
   * @throws NetworkError no answer, or one that is too long
   */
  blob(hostUrl: string, request: BlobRequest): Promise<BlobAnswer>
  /**
   * Opens a stream of the delivery service at a host's address, without anything that names the device. Handlers are called in order, `closed`
   * once at the end, also when it could not be opened. A frame above the wire's bound closes it.
   */
  openStream(hostUrl: string, kind: StreamKind, handlers: StreamHandlers): Stream
}

export interface BlobRequest {
  readonly method: "GET" | "POST" | "HEAD" | "PATCH" | "DELETE"
  readonly path: BlobPath
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | undefined
  readonly maxAnswerBytes: number
  readonly unwanted?: Promise<unknown> | undefined
}

export interface BlobAnswer {
  readonly status: number
  /** Those of blobs and of HTTP that a page may see, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type StreamKind = Extract<ConnectionClass, "reading" | "posting">

export interface CallOptions {
  /** The session of a `device` route. With it the request is of the class `session`, without it, and without `named`, of the class `anonymous`. */
  readonly token?: Uint8Array | undefined
  /** The request names the device without a session: it registers, or opens one. Of the class `session`. */
  readonly named?: true | undefined
  /** On a connection of its own: what is asked about one person is not to be linked with what is asked about another. */
  readonly alone?: true | undefined
  /** Once it resolves nobody wants the answer any more, and the request is given up. */
  readonly unwanted?: Promise<unknown> | undefined
}

export interface StreamHandlers {
  /** The connection stands; the first item to send is `open`. */
  opened(): void
  frame(frame: Uint8Array): void
  closed(): void
}

export interface Stream {
  /** Queued if the connection cannot take it now; dropped when it is closed. */
  send(frame: Uint8Array): void
  close(): void
}

export type SqlValue = null | number | string | Uint8Array
export type Row = Readonly<Record<string, SqlValue>>
/** One SQL statement (SQLite's dialect) with positional parameters. */
export interface Statement {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** SQLite with FTS5. One connection; one writer. Integers are read as numbers and stay below 2^53. */
export interface Database {
  /** Sees everything committed and nothing else. */
  read(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>
  /**
   * Sees what is committed and what `statements` would write; no other read sees the latter. When it is called again with the same array, only
   * what was added since is run; any other call undoes what was run, and the next one runs it again. So nothing ever waits for it, and
   * `commit` with the same array makes it durable. `sql` must not write.
   */
  readAfter(statements: readonly Statement[], sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>
  /**
   * All statements in one transaction. Durable when the promise resolves; when it rejects, nothing of it is written, unless the process died.
   * A store that fails rejects with `StoreError`, here and in both reads; it may work again later.
   */
  commit(statements: readonly Statement[]): Promise<void>
  /** Undoes what `readAfter` has run, for a transaction that is given up. */
  rollback(): Promise<void>
  close(): Promise<void>
}

/**
 * The files of a device beside its store, for what is too large to stand in it. They hold ciphertexts whose keys are in the store. One device has
 * them to itself. What fails rejects with `StoreError`, here and in a file.
 */
export interface Files {
  /** Makes it if there is none. One file may be open several times. `name`: 32 hexadecimal digits, random. */
  open(name: string): Promise<StoredFile>
  /** It must not be open. No error if there is none. */
  delete(name: string): Promise<void>
  list(): Promise<readonly string[]>
}

export interface StoredFile {
  /** At most `sizeBytes` bytes; fewer at the end. */
  read(at: number, sizeBytes: number): Promise<Uint8Array>
  /** May begin behind the end; what is between reads as zeros. Durable after `flush`. */
  write(at: number, bytes: Uint8Array): Promise<void>
  sizeBytes(): Promise<number>
  flush(): Promise<void>
  close(): Promise<void>
}

/** What is needed to read a blob, and what is needed to change it. Random, or derived from a key where a device without its store must find it. */
export interface BlobKeys {
  /** 32 bytes. Whoever has them can read the blob. */
  readonly id: Uint8Array
  /** 32 bytes. Whoever has them can replace, extend and erase it. */
  readonly secret: Uint8Array
}

export interface BlobUpload {
  /** Bytes of the content. What is stored is longer: random bytes are added up to the next Padmé size. */
  readonly size: number
  /** 1 to 400. Each month costs as much as the first. */
  readonly keepDays: number
  /**
   * Without them, random ones are made. An upload that is to go on after a crash needs keys that were stored before it began; the content must
   * then be the same bytes again.
   */
  readonly keys?: BlobKeys
  /** Takes the place of a blob with the same keys, once it is whole. Otherwise a whole blob with these keys and this size is taken as this one. */
  readonly replaces?: true
  /** Bytes of `size` that are on the server's disk. */
  onProgress?(sentBytes: number): void
  /** Once it resolves, the upload is given up. */
  readonly unwanted?: Promise<unknown>
}

/**
 * Ciphertexts that the server keeps for some time, such as backups. They travel on the connections for posting and reading and say nothing of
 * the device. Lost connections are resumed, with a bounded number of tries that bring nothing.
 */
export interface Blobs {
  /**
   * `source` gives the content from an offset on, and is asked again after an interruption: always for the same bytes. Resolves when all of it
   * is on the server's disk.
   * @throws WireError `storage_full`, `too_large`, `blob_exists`, `rate_limited`, …; NetworkError; what taking a pass throws
   */
  upload(source: (from: number) => AsyncIterable<Uint8Array>, upload: BlobUpload): Promise<BlobKeys>
  /**
   * The bytes from `from` on; with `size`, those of the content without what was added to it. Whatever comes may be any bytes at all: the server
   * can change them.
   * @throws WireError `blob_not_found`; NetworkError
   */
  download(
    id: Uint8Array,
    options?: { readonly from?: number; readonly size?: number; readonly unwanted?: Promise<unknown> },
  ): AsyncIterable<Uint8Array>
  /** Keeps it for so many days from now, if that is longer than it was kept anyway. @throws WireError `blob_not_found`, …; NetworkError */
  extend(keys: BlobKeys, keepDays: number): Promise<void>
  /** Also of an unfinished upload. No error if there is none. @throws NetworkError */
  delete(keys: BlobKeys): Promise<void>
}

/**
 * One request to a service that keeps backups for a person: on a connection of its own, with what the answer has, at most `maxBytes` of it.
 * @throws NetworkError no answer, or a longer one
 */
export type BucketNetwork = (
  url: URL,
  request: {
    readonly method: "GET" | "PUT" | "POST" | "DELETE"
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array | undefined
    readonly maxBytes: number
  },
) => Promise<{ readonly status: number; readonly body: Uint8Array; header(name: string): string | undefined }>
