// Names and bytes of c2sp.org/tlog-tiles: hash tiles of height 8 and bundles of entries.

import { CodecError, TlsReader, concat, encodeTls } from "@nodoor/bytes"
import { parse, rule } from "../core/keylog-error.ts"

/** Hashes in a full tile. */
export const tileWidth = 256
/** Largest entry a bundle can hold (uint16 length). */
export const maxEntryBytes = 0xffff

/** A hash tile: `width` hashes of tree level 8·level, the first being number 256·index of that level. */
export interface Tile {
  readonly level: number
  readonly index: number
  /** 1 to 256; below 256 for the tile at the right edge. */
  readonly width: number
}

/** `tile/<L>/<N>[.p/<W>]` */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${numberPath(index)}${width === tileWidth ? "" : `.p/${width}`}`
}

/** `tile/entries/<N>[.p/<W>]` */
export function entriesPath({ index, width }: Omit<Tile, "level">): string {
  return `tile/entries/${numberPath(index)}${width === tileWidth ? "" : `.p/${width}`}`
}

/**
 * Reads a tile's path; `level` is "entries" for a bundle. There is one path per tile.
 * @throws KeylogError `tile_path`
 */
export function parseTilePath(path: string): { readonly level: number | "entries"; readonly index: number; readonly width: number } {
  const match = /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/)*)([0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path)
  rule(match !== null && path.length < 64, "tile_path", "not the path of a tile") // T5
  const [, level, groups = "", last = "", width] = match
  const index = Number(groups.replaceAll(/[x/]/g, "") + last)
  const tile = {
    level: level === "entries" ? level : Number(level),
    index,
    width: width === undefined ? tileWidth : Number(width),
  } as const
  rule(Number.isSafeInteger(index) && tile.width <= tileWidth, "tile_path", "number out of range") // T5
  const canonical = tile.level === "entries" ? entriesPath(tile) : tilePath({ ...tile, level: tile.level })
  rule(canonical === path, "tile_path", "another spelling of a tile's path") // T5
  return tile
}

/** The width of tile `index` at `level` in a tree of `size` leaves; 0 if the tree has no such tile. */
export function widthOfTile(size: number, { level, index }: { readonly level: number; readonly index: number }): number {
  const hashes = Math.floor(size / tileWidth ** level)
  return Math.max(0, Math.min(tileWidth, hashes - index * tileWidth))
}

/** Entries as `opaque entry<0..2^16-1>` one after another. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concat(...entries.map((entry) => encodeTls((w) => w.prefixed(2, entry))))
}

/** @throws KeylogError `malformed` unless the bundle holds exactly `width` entries */
export function decodeEntryBundle(bundle: Uint8Array, { width }: { readonly width: number }): Uint8Array[] {
  return parse("entry bundle", () => {
    const reader = new TlsReader(bundle)
    const entries: Uint8Array[] = []
    while (entries.length < width) entries.push(reader.prefixed(2).slice())
    if (reader.remainingBytes > 0) throw new CodecError("trailing", "entry bundle")
    return entries
  })
}

function numberPath(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0")
  const groups = padded.match(/.{3}/g) as string[]
  return groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join("/")
}
