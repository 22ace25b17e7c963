import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeDelta } from "../audit/auditor.ts"
import { signCheckpoint } from "../checkpoint/checkpoint.ts"
import { digest, nodeLogCrypto as crypto } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { TestLog, cosigner, fillerRow } from "../fixtures/test-log.ts"
import { gossipNote, maxGossipNoteBytes, readGossip, standingOf } from "./gossip.ts"
import { type HeadState, verifyHead } from "../checkpoint/head.ts"
import { formatNote, noteKey, parseNote } from "../checkpoint/signed-note.ts"

function headOf(log: TestLog): HeadState {
  const proof = log.headProof({ lastSize: undefined, logKey: log.pin.logKey, knownPolicy: undefined })
  return verifyHead(crypto, { pin: log.pin, stored: undefined, proof, nowMs: log.timeMs }).head
}

function logOf(...rows: readonly number[]): TestLog {
  const log = new TestLog()
  for (const row of rows) log.publishDelta(encodeDelta([fillerRow(row)]))
  return log
}

const log = logOf(1)
const mine = headOf(log)

test("Gossip is the log's own signed checkpoint, without its witnesses, and comes back as it was", () => {
  const witness = cosigner("witness.example")
  const witnessed = new TestLog({ witnesses: [witness] })
  const proof = witnessed.headProof({ lastSize: undefined, logKey: witnessed.pin.logKey, knownPolicy: undefined })
  const signed = { ...proof, checkpoint: witnessed.checkpoint([witness]) }
  const { head } = verifyHead(crypto, { pin: witnessed.pin, stored: undefined, proof: signed, nowMs: witnessed.timeMs })
  const note = gossipNote(crypto, head)
  assert.equal(parseNote(head.note).signatures.length, 2)
  assert.equal(parseNote(note).signatures.length, 1)
  const { size, root } = readGossip(crypto, { mine: head, note })
  assert.deepEqual([size, root], [head.size, head.root])
})

test("N4: gossip that the log's own key did not sign is refused, and so is every flipped bit of it", () => {
  const note = gossipNote(crypto, mine)
  const head = { size: mine.size + 1_000_000, root: digest("invented") }
  refuses("note_bad_signature", () =>
    readGossip(crypto, { mine, note: signCheckpoint(crypto, { head, key: log.logKey, privateKey: digest("me") }) }),
  )
  const own = noteKey(crypto, { ...log.logKey, name: "elsewhere.example/kt/1" })
  refuses("note_unsigned", () => readGossip(crypto, { mine, note: signCheckpoint(crypto, { head, key: own, privateKey: log.privateKey }) }))
  const { text, signatures } = parseNote(note)
  refuses("note_malformed", () => readGossip(crypto, { mine, note: formatNote({ text, signatures: [...signatures, ...signatures] }) }))
  refuses("note_malformed", () => readGossip(crypto, { mine, note: new Uint8Array(maxGossipNoteBytes + 1) }))
  refuses("note_malformed", () => readGossip(crypto, { mine, note: new Uint8Array() }))
  for (let i = 0; i < note.length; i++) refuses(undefined, () => readGossip(crypto, { mine, note: note.with(i, (note[i] as number) ^ 1) }))
})

test("Gossip: the longest origin's gossip is within its bound", () => {
  const name = "o".repeat(255)
  const key = noteKey(crypto, { ...log.logKey, name })
  const head = { size: Number.MAX_SAFE_INTEGER, root: digest("root") }
  const note = signCheckpoint(crypto, { head, key, privateKey: log.privateKey })
  assert.equal(gossipNote(crypto, { ...mine, origin: name, note }).length <= maxGossipNoteBytes, true)
})

test("T3: another's head is the same, older, newer, of another log, or a fork of one size", () => {
  const [older, newer] = [headOf(logOf()), headOf(logOf(1, 2))]
  assert.equal(standingOf(mine, mine), "same")
  assert.equal(standingOf(mine, older), "older")
  assert.equal(standingOf(mine, newer), "newer")
  assert.equal(standingOf(mine, { ...mine, origin: "other" }), "other log")
  refuses("tree_fork", () => standingOf(mine, headOf(logOf(2))))
})
