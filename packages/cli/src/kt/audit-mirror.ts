// What an auditor has replayed, as files in the layout of c2sp.org/tlog-tiles: any web server can give them to others, and the
// auditor reads them back when it starts again.

import { type Tile, encodeEntryBundle, entriesPath, growTiles, leafHash, parseTilePath, tilePath, tileWidth } from "@nodoor/keylog"
import { existsSync, readFileSync, statSync } from "node:fs"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { crypto } from "./crypto.ts"
import { replaceFile } from "./replaced-file.ts"

export class AuditMirror {
  readonly folder: string
  /** The hash tile at the right edge of each level. */
  readonly #tiles = new Map<number, { readonly index: number; readonly bytes: Uint8Array }>()
  /** The entries of the bundle at the right edge. */
  #edge: Uint8Array[] = []
  #size = 0

  constructor(folder: string) {
    this.folder = folder
  }

  /** Remembers entries that the folder holds already. */
  resume(entries: readonly Uint8Array[]): void {
    this.#grow(entries)
    for (const entry of entries) this.#push(entry)
  }

  async writeDelta(epoch: number, delta: Uint8Array): Promise<void> {
    await this.#write(`delta/${epoch}`, delta)
  }

  /** Writes entries and their tiles; nobody sees them before a note speaks of them. */
  async add(entries: readonly Uint8Array[]): Promise<void> {
    if (entries.length === 0) return
    const changed = this.#grow(entries)
    for (const entry of entries) {
      this.#push(entry)
      if (this.#edge.length === tileWidth) await this.#writeEdge()
    }
    if (this.#edge.length < tileWidth) await this.#writeEdge()
    for (const { tile, bytes } of changed) await this.#write(tilePath(tile), bytes)
  }

  /** Puts the note in the place of the one before. */
  async publish(note: Uint8Array): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    await replaceFile(join(this.folder, "checkpoint"), note)
  }

  #push(entry: Uint8Array): void {
    if (this.#edge.length === tileWidth) this.#edge = []
    this.#edge.push(entry)
    this.#size++
  }

  async #writeEdge(): Promise<void> {
    const index = Math.floor((this.#size - 1) / tileWidth)
    const path = entriesPath({ index, width: this.#edge.length })
    await this.#write(path, encodeEntryBundle(this.#edge))
    // The full bundle stands for all partial ones.
    if (this.#edge.length === tileWidth) await rm(join(this.folder, `${path}.p`), { recursive: true, force: true })
  }

  #grow(entries: readonly Uint8Array[]): readonly { readonly tile: Tile; readonly bytes: Uint8Array }[] {
    const leaves = entries.map((entry) => leafHash(crypto, entry))
    const { tiles } = growTiles(crypto, {
      size: this.#size,
      leaves,
      readTile: ({ level, index }) => {
        const edge = this.#tiles.get(level)
        return edge?.index === index ? edge.bytes : undefined
      },
    })
    for (const { tile, bytes } of tiles) this.#tiles.set(tile.level, { index: tile.index, bytes })
    return tiles
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, bytes)
  }
}

/** A file of the mirror for somebody who asks over HTTP; undefined for anything else. Synchronous. */
export function readMirrored(folder: string, path: string): { readonly bytes: Uint8Array; readonly contentType: string } | undefined {
  const text = path === "checkpoint"
  if (!text && !/^delta\/(?:0|[1-9][0-9]{0,15})$/.test(path) && !isTilePath(path)) return undefined
  const file = join(folder, path)
  if (!existsSync(file) || !statSync(file).isFile()) return undefined
  return { bytes: new Uint8Array(readFileSync(file)), contentType: text ? "text/plain; charset=utf-8" : "application/octet-stream" }
}

function isTilePath(path: string): boolean {
  try {
    parseTilePath(path)
    return true
  } catch {
    return false
  }
}
