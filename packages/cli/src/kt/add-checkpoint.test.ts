import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import {
  type NoteKey,
  type TiledTree,
  appendSignatures,
  findCosignature,
  formatEvidence,
  formatNote,
  growTiles,
  leafHash,
  noteKey,
  noteKeyTypes,
  parseNote,
  signCheckpoint,
  signNoteText,
  verifyEvidence,
} from "@nodoor/keylog"
import { type Witness, addCheckpoint, maxAddCheckpointBytes } from "./add-checkpoint.ts"
import { cosignerKey } from "./cosigner-key.ts"
import { crypto, publicKeyOf } from "./crypto.ts"
import { openWitnessState } from "./witness-state.ts"

const nowMs = Date.UTC(2026, 0, 31)
const origin = "chat.example/kt/1"
const seed = (text: string): Uint8Array => crypto.sha256(Buffer.from(text))
const logKey = keyOf(origin, "log")

function keyOf(name: string, secret: string): { readonly key: NoteKey; readonly privateKey: Uint8Array } {
  const privateKey = seed(secret)
  return { key: noteKey(crypto, { name, type: noteKeyTypes.ed25519, publicKey: publicKeyOf(privateKey) }), privateKey }
}

/** Trees of up to `size` leaves; another `branch` is another log after leaf 5. */
function treeOf(size: number, branch = ""): TiledTree {
  const leaves = Array.from({ length: size }, (_, i) => leafHash(crypto, Buffer.from(i < 5 ? `leaf ${i}` : `leaf ${i}${branch}`)))
  return growTiles(crypto, { size: 0, leaves, readTile: () => undefined }).tree
}

const big = treeOf(40)
const note = (size: number, tree = big): Uint8Array => signCheckpoint(crypto, { head: tree.head(size), ...logKey })

function request(
  old: number,
  size: number,
  options: { readonly tree?: TiledTree; readonly note?: Uint8Array; readonly from?: number } = {},
): Uint8Array {
  const tree = options.tree ?? big
  const proof = tree.consistencyProof({ older: options.from ?? old, newer: Math.max(size, options.from ?? old) })
  const lines = proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("")
  return new Uint8Array(Buffer.concat([Buffer.from(`old ${old}\n${lines}\n`), options.note ?? note(size, tree)]))
}

const folder = mkdtempSync(join(tmpdir(), "nodoor-witness-"))
after(() => rmSync(folder, { recursive: true }))
let folders = 0

async function newWitness(): Promise<Witness & { readonly folder: string }> {
  const own = join(folder, String(folders++))
  const cosigner = await cosignerKey(own, "witness.example/w")
  return { cosigner, logs: new Map([[origin, [logKey.key]]]), state: openWitnessState(own), folder: own }
}

test("a checkpoint that grew out of the last one is signed, with a cosignature that verifies over exactly it", async () => {
  const witness = await newWitness()
  for (const [old, size] of [
    [0, 5],
    [5, 12],
    [12, 12],
    [12, 40],
  ] as const) {
    const { status, body } = addCheckpoint(witness, request(old, size), nowMs)
    assert.equal(status, 200)
    const signed = parseNote(Buffer.concat([note(size), Buffer.from(body)]))
    assert.deepEqual(findCosignature(crypto, { note: signed, key: witness.cosigner.key })?.timeSeconds, nowMs / 1000)
    assert.match(body, /^\u2014 witness\.example\/w [A-Za-z0-9+/=]+\n$/)
  }
})

test("another old size than the one it signed is answered with 409 and that size, zero at first", async () => {
  const witness = await newWitness()
  const conflict = (old: number, size: number): unknown => {
    const { status, body, contentType } = addCheckpoint(witness, request(old, size), nowMs)
    return [status, body, contentType]
  }
  assert.deepEqual(conflict(5, 12), [409, "0\n", "text/x.tlog.size"])
  assert.equal(addCheckpoint(witness, request(0, 12), nowMs).status, 200)
  assert.deepEqual(conflict(0, 12), [409, "12\n", "text/x.tlog.size"])
  assert.deepEqual(conflict(5, 20), [409, "12\n", "text/x.tlog.size"])
  assert.deepEqual(conflict(20, 30), [409, "12\n", "text/x.tlog.size"])
  assert.equal(witness.state.latest(origin)?.size, 12)
})

test("unknown origins are 404, untrusted or bad signatures 403, an old size above the checkpoint 400", async () => {
  const witness = await newWitness()
  const foreign = keyOf("other.example/kt/1", "log")
  const foreignNote = signCheckpoint(crypto, { head: big.head(5), ...foreign })
  assert.equal(addCheckpoint(witness, request(0, 5, { note: foreignNote }), nowMs).status, 404)
  const forged = signCheckpoint(crypto, { head: big.head(5), ...keyOf(origin, "another key") })
  assert.equal(addCheckpoint(witness, request(0, 5, { note: forged }), nowMs).status, 403)
  const parsed = parseNote(note(5))
  const { text } = parseNote(note(6))
  const moved = formatNote({ text, signatures: parsed.signatures })
  assert.equal(addCheckpoint(witness, request(0, 6, { note: moved }), nowMs).status, 403)
  assert.equal(addCheckpoint(witness, request(6, 5, { from: 5 }), nowMs).status, 400)
  assert.equal(witness.state.latest(origin), undefined)
})

test("signatures of unknown keys beside the log's are ignored", async () => {
  const witness = await newWitness()
  const other = keyOf("somebody.example", "somebody")
  const plain = note(5)
  const signed = appendSignatures(plain, [signNoteText(crypto, { text: parseNote(plain).text, ...other })])
  assert.equal(addCheckpoint(witness, request(0, 5, { note: signed }), nowMs).status, 200)
})

test("a proof that does not hold is 422, and the witness keeps what it had", async () => {
  const witness = await newWitness()
  assert.equal(addCheckpoint(witness, request(0, 12), nowMs).status, 200)
  const fork = treeOf(40, "!")
  assert.equal(addCheckpoint(witness, request(12, 20, { tree: fork }), nowMs).status, 422)
  assert.equal(addCheckpoint(witness, request(12, 20, { from: 11 }), nowMs).status, 422)
  const good = Buffer.from(request(12, 20)).toString("latin1")
  const without = good.replace(/\n[^\n]+\n\n/, "\n\n")
  assert.equal(addCheckpoint(witness, new Uint8Array(Buffer.from(without, "latin1")), nowMs).status, 422)
  assert.equal(witness.state.latest(origin)?.size, 12)
  const early = await newWitness()
  const proofForNothing = Buffer.from(request(0, 5))
    .toString("latin1")
    .replace("old 0\n", `old 0\n${Buffer.alloc(32).toString("base64")}\n`)
  assert.equal(addCheckpoint(early, new Uint8Array(Buffer.from(proofForNothing, "latin1")), nowMs).status, 422)
})

test("two trees of one size are 409 and become evidence that anybody can check", async () => {
  const witness = await newWitness()
  const fork = treeOf(40, "!")
  assert.equal(addCheckpoint(witness, request(0, 12), nowMs).status, 200)
  const { status, body, evidence } = addCheckpoint(witness, request(12, 12, { tree: fork }), nowMs)
  assert.deepEqual([status, body], [409, "12\n"])
  assert.ok(evidence)
  assert.equal(verifyEvidence(crypto, formatEvidence(evidence)).kind, "fork")
  assert.deepEqual(witness.state.latest(origin)?.root, big.root(12))
})

test("what is not the one spelling of a request is 400", async () => {
  const witness = await newWitness()
  const good = Buffer.from(request(0, 5)).toString("latin1")
  const hash = Buffer.alloc(32).toString("base64")
  for (const bad of [
    "",
    "\n",
    "old 0\n",
    "old 0\n\n",
    good.replace("old 0", "old 00"),
    good.replace("old 0", "old -1"),
    good.replace("old 0", "old 9007199254740993"),
    good.replace("old 0", "Old 0"),
    good.replace("old 0\n", "old 0\r\n"),
    good.replace("old 0\n", `old 0\n${hash.slice(0, -1)}\n`),
    good.replace("old 0\n", `old 0\n${hash.slice(0, -2)}B=\n`),
    good.replace("old 0\n", `old 0\n${`${hash}\n`.repeat(64)}`),
    good.replace("\n\n", "\n"),
    good.replace("\n5\n", "\n05\n"),
    good.replace(/\n$/, ""),
    `${good}x`,
    good.padEnd(maxAddCheckpointBytes + 1, "\n"),
  ]) {
    assert.equal(addCheckpoint(witness, new Uint8Array(Buffer.from(bad, "latin1")), nowMs).status, 400, JSON.stringify(bad.slice(0, 60)))
  }
  assert.equal(witness.state.latest(origin), undefined)
})

test("no flipped byte of a request gets another checkpoint signed", async () => {
  const witness = await newWitness()
  assert.equal(addCheckpoint(witness, request(0, 12), nowMs).status, 200)
  const good = request(12, 40)
  for (let at = 0; at < good.length; at++) {
    const bad = Uint8Array.from(good)
    bad[at] = (bad[at] as number) ^ 1
    assert.notEqual(addCheckpoint(witness, bad, nowMs).status, 200, `byte ${at}`)
  }
  assert.equal(witness.state.latest(origin)?.size, 12)
  assert.equal(addCheckpoint(witness, good, nowMs).status, 200)
})

test("what was signed is on disk before the answer, and two processes on one folder sign one growth only", async () => {
  const witness = await newWitness()
  assert.equal(addCheckpoint(witness, request(0, 12), nowMs).status, 200)
  const second: Witness = { ...witness, state: openWitnessState(witness.folder) }
  const fork = treeOf(40, "!")
  assert.equal(second.state.latest(origin)?.size, 12)
  const stale: Witness = { ...second, state: { ...second.state, latest: () => ({ size: 5, root: big.root(5), note: note(5) }) } }
  assert.equal(addCheckpoint(stale, request(5, 30), nowMs).status, 409, "it looked before the other wrote")
  assert.equal(addCheckpoint(second, request(12, 20), nowMs).status, 200)
  assert.equal(addCheckpoint(witness, request(12, 20, { tree: fork }), nowMs).status, 409)
  witness.state.close()
  assert.equal(openWitnessState(witness.folder).latest(origin)?.size, 20)
})

test("a witness's key is made once, for a name that stays, and nobody else reads it", async () => {
  const own = join(folder, "key")
  await assert.rejects(cosignerKey(own, undefined), { code: "usage" })
  const made = await cosignerKey(own, "witness.example/anna")
  assert.deepEqual(await cosignerKey(own, undefined), made)
  await assert.rejects(cosignerKey(own, "witness.example/bert"), { code: "usage" })
  assert.match(made.verifierKey, /^witness\.example\/anna\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/)
})
