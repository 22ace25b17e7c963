// Both ways against Go's golang.org/x/mod/sumdb/{note,tlog}, for every tree size from 0 to 300. Wants the Debian packages golang-go and
// golang-golang-x-mod-dev; without them it is skipped, visibly. Run by `npm test`.

import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { toBase64 } from "@nodoor/bytes"
import { signCheckpoint } from "../src/checkpoint/checkpoint.ts"
import { digest, ed25519PublicKey, nodeLogCrypto as crypto, testOrigin } from "../src/fixtures/account.ts"
import { formatVerifierKey, noteKey, noteKeyTypes } from "../src/checkpoint/signed-note.ts"
import { type ReadTile, TiledTree, growTiles } from "../src/tree/tiled-tree.ts"
import { leafHash } from "../src/tree/tree-hash.ts"
import { type Entry, runVectorFile } from "../src/vectors/index.ts"

const sizes = 300
const goPath = "/usr/share/gocode"
const hasModule = existsSync(join(goPath, "src/golang.org/x/mod/sumdb/tlog"))
const skip = !(hasModule && hasGo()) && "no Go: install golang-go and golang-golang-x-mod-dev"

function hasGo(): boolean {
  try {
    execFileSync("go", ["version"], { stdio: "ignore", timeout: 10_000 })
    return true
  } catch {
    return false
  }
}

/** Runs the Go program beside this file; compiling it takes some seconds the first time. */
function go(mode: "verify" | "generate", input: string): string {
  const env = { ...process.env, GO111MODULE: "off", GOPATH: goPath, GOFLAGS: "", GOTOOLCHAIN: "local" }
  const file = join(import.meta.dirname, "main.go")
  return execFileSync("go", ["run", file, mode], { input, env, encoding: "utf8", timeout: 120_000, maxBuffer: 64 * 1024 * 1024 })
}

function ours(): Entry {
  const privateKey = digest("interop key")
  const key = noteKey(crypto, { name: testOrigin, type: noteKeyTypes.ed25519, publicKey: ed25519PublicKey(privateKey) })
  const list = Array.from({ length: sizes }, (_, i) => new TextEncoder().encode(`leaf ${i}`))
  const tiles = new Map<string, Uint8Array>()
  const readTile: ReadTile = ({ level, index }) => tiles.get(`${level}/${index}`)
  const leaves = list.map((one) => leafHash(crypto, one))
  for (const { tile, bytes } of growTiles(crypto, { size: 0, leaves, readTile }).tiles) tiles.set(`${tile.level}/${tile.index}`, bytes)
  const tree = new TiledTree(crypto, { size: sizes, readTile })
  const notes = Array.from({ length: sizes + 1 }, (_, size) =>
    new TextDecoder().decode(signCheckpoint(crypto, { head: tree.head(size), key, privateKey })),
  )
  const root = (size: number): string => toBase64(tree.root(size))
  const inclusion: Entry[] = []
  const consistency: Entry[] = []
  for (let size = 1; size <= sizes; size++) {
    for (const index of [0, Math.floor(size / 3), Math.floor(size / 2), size - 1]) {
      inclusion.push({ Size: size, Index: index, Root: root(size), Proof: tree.inclusionProof(index, size).map(toBase64) })
    }
    for (const older of [1, Math.ceil(size / 3), Math.ceil(size / 2), size]) {
      const proof = tree.consistencyProof({ older, newer: size }).map(toBase64)
      consistency.push({ Old: older, New: size, OldRoot: root(older), NewRoot: root(size), Proof: proof })
    }
  }
  return {
    Vkey: formatVerifierKey(key),
    Note: notes[sizes] as string,
    Notes: notes,
    Entries: list.map(toBase64),
    Inclusion: inclusion,
    Consistency: consistency,
  }
}

test(
  "Go accepts our checkpoints and proofs for every tree size from 0 to 300, and refuses a changed one",
  { skip, timeout: 180_000 },
  () => {
    const made = ours()
    assert.match(go("verify", JSON.stringify(made)), /^301 checkpoints, 1200 inclusion and 1200 consistency proofs verified by Go\n$/)
    const [first, ...rest] = made["Inclusion"] as readonly Entry[]
    const bad = { ...made, Inclusion: [{ ...first, Root: toBase64(digest("other")) }, ...rest] }
    assert.throws(() => go("verify", JSON.stringify(bad)), /invalid/)
  },
)

test("We accept Go's checkpoints and proofs for every tree size from 1 to 300", { skip, timeout: 180_000 }, () => {
  const made = JSON.parse(go("generate", "")) as Entry
  const counts = runVectorFile(made, "go", crypto)
  assert.deepEqual([counts.failures, counts.passed], [[], 1 + 4 * sizes + 4 * sizes])
  for (const note of made["Notes"] as readonly string[]) {
    assert.equal(runVectorFile({ ...made, Note: note, Inclusion: [], Consistency: [] }, "go", crypto).failed, 0)
  }
})
