// The bytes of blobs: a file for each, under a random name.

/** What the service needs of a directory. Names are hexadecimal. Each operation rejects with the system's error. */
export interface BlobFiles {
  /** Opens the file for writing behind its first `keptBytes`, and cuts off what stands behind them. With 0 it is made if it is not there. */
  write(name: string, keptBytes: number): Promise<BlobWriter>
  /** The bytes from `from` to before `to`. Rejects if there is no such file. */
  read(name: string, from: number, to: number): Promise<BlobReader>
  /** Overwrites and removes it. No error if there is none. */
  remove(name: string): Promise<void>
  list(): Promise<readonly { readonly name: string; readonly size: number }[]>
  /** Gives all files the same times, so that those of the day before say no hour. */
  levelTimes(): Promise<void>
}

export interface BlobWriter {
  append(bytes: Uint8Array): Promise<void>
  /** Everything that was appended is on the disk when it resolves. */
  sync(): Promise<void>
  /** The file's times say a day and no more. */
  close(): Promise<void>
}

export interface BlobReader extends AsyncIterable<Uint8Array> {
  close(): Promise<void>
}
