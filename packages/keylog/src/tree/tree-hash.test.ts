import assert from "node:assert/strict"
import { test } from "node:test"
import { equal } from "@nodoor/bytes"
import { digest, nodeLogCrypto } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { decodeEntryBundle, encodeEntryBundle, entriesPath, parseTilePath, tilePath, widthOfTile } from "./tile.ts"
import { type ReadTile, TiledTree, growTiles } from "./tiled-tree.ts"
import { TreeFrontier } from "./tree-frontier.ts"
import { leafHash, nodeHash, verifyConsistency, verifyInclusion } from "./tree-hash.ts"

const crypto = nodeLogCrypto
const leaves = Array.from({ length: 600 }, (_, i) => leafHash(crypto, digest(`entry ${i}`)))

/** RFC 6962 §2.1, word for word. */
function naiveRoot(list: readonly Uint8Array[]): Uint8Array {
  if (list.length === 0) return crypto.sha256(new Uint8Array())
  if (list.length === 1) return list[0] as Uint8Array
  let k = 1
  while (k * 2 < list.length) k *= 2
  return nodeHash(crypto, { left: naiveRoot(list.slice(0, k)), right: naiveRoot(list.slice(k)) })
}

function storedTree(count: number, steps: number): { tree: TiledTree; tiles: Map<string, Uint8Array> } {
  const tiles = new Map<string, Uint8Array>()
  const readTile: ReadTile = ({ level, index, width }) => tiles.get(`${level}/${index}`)?.subarray(0, 32 * width)
  let size = 0
  while (size < count) {
    const more = leaves.slice(size, Math.min(count, size + steps))
    for (const { tile, bytes } of growTiles(crypto, { size, leaves: more, readTile }).tiles) tiles.set(`${tile.level}/${tile.index}`, bytes)
    size += more.length
  }
  return { tree: new TiledTree(crypto, { size, readTile }), tiles }
}

test("Roots read through tiles and roots of the right edge equal the naive tree's at every size", () => {
  const { tree } = storedTree(600, 7)
  const frontier = new TreeFrontier(crypto)
  for (let size = 0; size <= 600; size++) {
    if (size > 0) frontier.append(leaves[size - 1] as Uint8Array)
    if (size > 40 && size % 13 !== 0 && Math.abs(size - 256) > 2 && Math.abs(size - 512) > 2) continue
    const root = naiveRoot(leaves.slice(0, size))
    assert.ok(equal(tree.root(size), root))
    assert.ok(equal(frontier.root(), root))
    assert.ok(equal(TreeFrontier.decode(crypto, frontier.encode()).root(), root))
  }
})

test("Tiles are the same however many leaves are appended at once", () => {
  const one = storedTree(520, 1).tiles
  const many = storedTree(520, 520).tiles
  assert.deepEqual([...one.keys()].sort(), [...many.keys()].sort())
  for (const [name, bytes] of one) assert.ok(equal(bytes, many.get(name) as Uint8Array))
})

test("T1: an inclusion proof holds for its leaf, index and size, and for nothing else", () => {
  const { tree } = storedTree(300, 300)
  for (const size of [1, 2, 3, 7, 8, 9, 70, 255, 256, 257, 300]) {
    const head = tree.head(size)
    for (let index = 0; index < size; index += 1 + Math.floor(size / 9)) {
      const leaf = leaves[index] as Uint8Array
      const proof = tree.inclusionProof(index, size)
      verifyInclusion(crypto, { index, leaf, head, proof })
      refuses("tree_inclusion", () => verifyInclusion(crypto, { index, leaf: leaves[index + 1] as Uint8Array, head, proof }))
      refuses("tree_inclusion", () => verifyInclusion(crypto, { index: size, leaf, head, proof }))
      refuses("tree_inclusion", () => verifyInclusion(crypto, { index, leaf, head, proof: [...proof, leaf] }))
      if (proof.length > 0) refuses("tree_inclusion", () => verifyInclusion(crypto, { index, leaf, head, proof: proof.slice(1) }))
      proof.forEach((hash, i) => {
        const bad = hash.map((byte, at) => byte ^ (at === i % 32 ? 1 : 0))
        refuses("tree_inclusion", () => verifyInclusion(crypto, { index, leaf, head, proof: proof.with(i, bad) }))
      })
    }
  }
})

test("T2: a smaller tree is refused", () => {
  const { tree } = storedTree(9, 9)
  refuses("tree_smaller", () => verifyConsistency(crypto, { older: tree.head(9), newer: tree.head(8), proof: [] }))
})

test("T3: two roots of one size are a fork", () => {
  const { tree } = storedTree(9, 9)
  const other = { size: 9, root: digest("other") }
  refuses("tree_fork", () => verifyConsistency(crypto, { older: tree.head(), newer: other, proof: [] }))
})

test("T4: a consistency proof holds for its two trees and no others", () => {
  const { tree } = storedTree(300, 300)
  const sizes = [0, 1, 2, 3, 6, 7, 8, 64, 70, 255, 256, 257, 300]
  for (const older of sizes) {
    for (const newer of sizes.filter((size) => size >= older)) {
      const proof = tree.consistencyProof({ older, newer })
      const heads = { older: tree.head(older), newer: tree.head(newer) }
      verifyConsistency(crypto, { ...heads, proof })
      refuses("tree_consistency", () => verifyConsistency(crypto, { ...heads, proof: [...proof, digest("more")] }))
      if (older === newer || older === 0) continue
      refuses("tree_consistency", () => verifyConsistency(crypto, { ...heads, proof: proof.slice(1) }))
      refuses("tree_consistency", () => verifyConsistency(crypto, { ...heads, older: { size: older, root: digest("x") }, proof }))
      refuses("tree_consistency", () => verifyConsistency(crypto, { ...heads, newer: { size: newer, root: digest("x") }, proof }))
      proof.forEach((hash, i) => {
        const bad = hash.map((byte, at) => byte ^ (at === i % 32 ? 0x80 : 0))
        refuses("tree_consistency", () => verifyConsistency(crypto, { ...heads, proof: proof.with(i, bad) }))
      })
    }
  }
})

test("T5: a tile has one path, and every other path is refused", () => {
  const tiles = [
    { level: 0, index: 0, width: 256, path: "tile/0/000" },
    { level: 1, index: 1234067, width: 255, path: "tile/1/x001/x234/067.p/255" },
    { level: 63, index: 999, width: 1, path: "tile/63/999.p/1" },
  ]
  for (const { path, ...tile } of tiles) {
    assert.equal(tilePath(tile), path)
    assert.deepEqual(parseTilePath(path), tile)
  }
  assert.equal(entriesPath({ index: 5, width: 3 }), "tile/entries/005.p/3")
  assert.equal(parseTilePath("tile/entries/005.p/3").level, "entries")
  const others = [
    "tile/0/0",
    "tile/00/000",
    "tile/0/x000/000",
    "tile/0/000.p/256",
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/64/000",
    "/tile/0/000",
  ]
  for (const path of [...others, "tile/0/000/", "tile/0/x001", "tile/0/../000", `tile/0/${"x999/".repeat(9)}000`]) {
    refuses("tile_path", () => parseTilePath(path))
  }
  assert.equal(widthOfTile(300, { level: 0, index: 1 }), 44)
  assert.equal(widthOfTile(300, { level: 1, index: 0 }), 1)
  assert.equal(widthOfTile(300, { level: 2, index: 0 }), 0)
})

test("T6: a proof over a missing or short tile is refused rather than made up", () => {
  const { tiles } = storedTree(300, 300)
  const without: ReadTile = ({ level, index }) => (level === 0 && index === 0 ? undefined : tiles.get(`${level}/${index}`))
  const tree = new TiledTree(crypto, { size: 300, readTile: without })
  refuses("tile_missing", () => tree.inclusionProof(3))
  const short = new TiledTree(crypto, { size: 300, readTile: (tile) => tiles.get(`${tile.level}/${tile.index}`)?.subarray(0, 64) })
  refuses("tile_missing", () => short.root())
  refuses("tile_missing", () => growTiles(crypto, { size: 3, leaves: leaves.slice(3, 5), readTile: () => undefined }))
})

test("Every flipped byte of a tile changes the root that is read through it", () => {
  const { tree, tiles } = storedTree(300, 300)
  const root = tree.root()
  const edge = tiles.get("0/1") as Uint8Array
  for (let i = 0; i < edge.length; i += 3) {
    edge[i] = (edge[i] as number) ^ 0x10
    assert.ok(!equal(tree.root(), root))
    edge[i] = (edge[i] as number) ^ 0x10
  }
})

test("An entry bundle gives back its entries, and a truncated or longer one is malformed", () => {
  const entries = [new Uint8Array(), digest("a"), new Uint8Array(65535)]
  const bundle = encodeEntryBundle(entries)
  assert.deepEqual(decodeEntryBundle(bundle, { width: 3 }), entries)
  refuses("malformed", () => decodeEntryBundle(bundle, { width: 4 }))
  refuses("malformed", () => decodeEntryBundle(bundle, { width: 2 }))
  refuses("malformed", () => decodeEntryBundle(bundle.subarray(0, 40), { width: 3 }))
})
