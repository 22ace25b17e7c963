// The hashes of the tree: each use has a prefix of its own, so that no bytes can stand for two of them.

import { concat, toUtf8 } from "@nodoor/bytes"
import { type MediaLayout, pageBytes } from "./layout.ts"
import type { MediaCrypto } from "./ports.ts"

type Hash = Pick<MediaCrypto, "sha256">

const chunkPrefix = Uint8Array.of(0)
const pagePrefix = Uint8Array.of(1)
const rootPrefix = toUtf8("nodoor/media/v1\0")

/** Of a sealed chunk. */
export async function chunkHash(crypto: Hash, sealed: Uint8Array): Promise<Uint8Array> {
  return await crypto.sha256(concat(chunkPrefix, sealed))
}

/** Of a page below the top one. */
export async function pageHash(crypto: Hash, page: Uint8Array): Promise<Uint8Array> {
  return await crypto.sha256(concat(pagePrefix, page))
}

/** Of the whole file: its size, which gives the tree its shape, and the top page. */
export async function rootHash(crypto: Hash, contentBytes: number, topPage: Uint8Array): Promise<Uint8Array> {
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(contentBytes))
  return await crypto.sha256(concat(rootPrefix, size, topPage))
}

/** The tree over the hashes of all chunks, as it stands at the beginning of the sealed file. */
export async function treeOver(
  crypto: Hash,
  layout: MediaLayout,
  chunkHashes: Uint8Array,
): Promise<{ readonly tree: Uint8Array; readonly root: Uint8Array }> {
  const tree = new Uint8Array(layout.treeBytes)
  let hashes = chunkHashes
  for (const [number, level] of layout.levels.entries()) {
    tree.set(hashes, level.at)
    if (number === layout.levels.length - 1) break
    const pages: Uint8Array[] = []
    for (let at = 0; at < hashes.length; at += pageBytes) pages.push(await pageHash(crypto, hashes.subarray(at, at + pageBytes)))
    hashes = concat(...pages)
  }
  return { tree, root: await rootHash(crypto, layout.contentBytes, hashes) }
}
