// A log read through its static files. What comes out is as the files say; whoever uses it compares a root with a signed checkpoint.

import {
  type ReadTile,
  type Tile,
  TiledTree,
  decodeEntryBundle,
  entriesPath,
  mapRowBytes,
  maxDeltaRows,
  maxEntryBytes,
  maxNoteBytes,
  tilePath,
  tileWidth,
  widthOfTile,
} from "@nodoor/keylog"
import { CliError } from "../cli-error.ts"
import { crypto } from "./crypto.ts"
import type { LogFiles } from "./log-files.ts"

const maxBundleBytes = tileWidth * (maxEntryBytes + 2)
/** Tiles fetched to answer one question about one tree: six levels twice over. */
const maxTilesPerProof = 128

export class StaticLog {
  readonly files: LogFiles
  readonly #tiles = new Map<string, Uint8Array>()

  constructor(files: LogFiles) {
    this.files = files
  }

  /** @throws CliError `log_incomplete` */
  async checkpoint(): Promise<Uint8Array> {
    return this.#need("checkpoint", maxNoteBytes)
  }

  /** The note that auditors signed last, if the log publishes one. */
  async audited(): Promise<Uint8Array | undefined> {
    return this.files.read("audited", maxNoteBytes)
  }

  /** @throws CliError `log_incomplete` */
  async delta(epoch: number): Promise<Uint8Array> {
    return this.#need(`delta/${epoch}`, maxDeltaRows * mapRowBytes)
  }

  /** Entries from `from` on, of a tree of `size`. @throws CliError `log_incomplete`; KeylogError `malformed` */
  async *entries(from: number, size: number): AsyncGenerator<{ readonly index: number; readonly entry: Uint8Array }> {
    for (let at = from; at < size;) {
      const bundle = Math.floor(at / tileWidth)
      const first = bundle * tileWidth
      const width = widthOfTile(size, { level: 0, index: bundle })
      const entries = await this.#bundle({ index: bundle, width })
      for (; at < first + width; at++) yield { index: at, entry: entries[at - first] as Uint8Array }
    }
  }

  /** @throws CliError `log_incomplete` */
  async entry(index: number, size: number): Promise<Uint8Array> {
    for await (const { entry } of this.entries(index, size)) return entry
    throw incomplete(`entry ${index}`)
  }

  /** Asks something of the tree of `size` leaves, fetching the tiles it needs. @throws CliError `log_incomplete` */
  async ask<T>(size: number, question: (tree: TiledTree) => T): Promise<T> {
    for (let fetched = 0; fetched <= maxTilesPerProof; fetched++) {
      let missing: Tile | undefined
      const readTile: ReadTile = (tile) => {
        const known = this.#tiles.get(tilePath(tile))
        missing ??= known === undefined ? tile : undefined
        return known
      }
      try {
        return question(new TiledTree(crypto, { size, readTile }))
      } catch (error) {
        if (missing === undefined) throw error
        await this.#fetchTile(missing)
      }
    }
    throw incomplete("tiles")
  }

  async #fetchTile(tile: Tile): Promise<void> {
    const read = async (width: number): Promise<Uint8Array | undefined> => this.files.read(tilePath({ ...tile, width }), tileWidth * 32)
    // A log may drop a partial tile once the full one exists (c2sp.org/tlog-tiles, "Partial tiles").
    const bytes = (await read(tile.width)) ?? (tile.width < tileWidth ? await read(tileWidth) : undefined)
    if (bytes === undefined) throw incomplete(tilePath(tile))
    this.#tiles.set(tilePath(tile), bytes)
  }

  async #bundle({ index, width }: { readonly index: number; readonly width: number }): Promise<Uint8Array[]> {
    const part = await this.files.read(entriesPath({ index, width }), maxBundleBytes)
    if (part !== undefined) return decodeEntryBundle(part, { width })
    const full = width < tileWidth ? await this.files.read(entriesPath({ index, width: tileWidth }), maxBundleBytes) : undefined
    if (full === undefined) throw incomplete(entriesPath({ index, width }))
    return decodeEntryBundle(full, { width: tileWidth })
  }

  async #need(path: string, maxBytes: number): Promise<Uint8Array> {
    const bytes = await this.files.read(path, maxBytes)
    if (bytes === undefined) throw incomplete(path)
    return bytes
  }
}

function incomplete(path: string): CliError {
  return new CliError("log_incomplete", `The log doesn't return ${path}, so it was not checked.`, {
    next: "try again; if this continues, the log is withholding it",
  })
}
