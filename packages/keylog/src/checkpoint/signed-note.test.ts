import assert from "node:assert/strict"
import { test } from "node:test"
import { equal, toBase64, toUtf8 } from "@nodoor/bytes"
import { formatCheckpoint, parseCheckpoint, signCheckpoint, verifyCheckpoint } from "./checkpoint.ts"
import { appendSignatures, findCosignature, signCosignature } from "./cosignature.ts"
import { digest, ed25519PublicKey, nodeLogCrypto as crypto, testOrigin } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { cosigner } from "../fixtures/test-log.ts"
import {
  formatNote,
  formatVerifierKey,
  maxNoteBytes,
  noteKey,
  noteKeyTypes,
  parseNote,
  parseVerifierKey,
  signNoteText,
} from "./signed-note.ts"

const privateKey = digest("log key")
const key = noteKey(crypto, { name: testOrigin, type: noteKeyTypes.ed25519, publicKey: ed25519PublicKey(privateKey) })
const head = { size: 70, root: digest("root") }
const note = signCheckpoint(crypto, { head, key, privateKey })
const text = formatCheckpoint({ origin: testOrigin, ...head })
const witness = cosigner("witness.example/w1")

function signText(content: string): Uint8Array {
  return formatNote({ text: content, signatures: [signNoteText(crypto, { text: content, key, privateKey })] })
}

test("A checkpoint verifies under the log's key, with cosignatures beside it", () => {
  const cosigned = appendSignatures(note, [
    signCosignature(crypto, { text, key: witness.key, privateKey: witness.privateKey, timeSeconds: 1_767_225_600 }),
  ])
  const checkpoint = verifyCheckpoint(crypto, { note: cosigned, key })
  assert.equal(checkpoint.size, 70)
  assert.ok(equal(checkpoint.root, head.root))
  assert.equal(findCosignature(crypto, { note: checkpoint.note, key: witness.key })?.timeSeconds, 1_767_225_600)
  const stranger = cosigner("witness.example/w2")
  assert.equal(findCosignature(crypto, { note: checkpoint.note, key: stranger.key }), undefined)
})

test("A cosignature over another text or with a changed time counts as none", () => {
  const made = signCosignature(crypto, { text, key: witness.key, privateKey: witness.privateKey, timeSeconds: 5 })
  for (let i = 0; i < made.signature.length; i++) {
    const bad = { ...made, signature: made.signature.with(i, (made.signature[i] as number) ^ 1) }
    assert.equal(findCosignature(crypto, { note: { text, signatures: [bad] }, key: witness.key }), undefined)
  }
  assert.equal(findCosignature(crypto, { note: { text: `${text}x\n`, signatures: [made] }, key: witness.key }), undefined)
  assert.equal(findCosignature(crypto, { note: { text, signatures: [made] }, key: witness.key })?.timeSeconds, 5)
})

test("N1: a note that is too long, without signatures, with control characters or another spelling is refused", () => {
  const bad = [
    "",
    "text\n",
    "text\n\n",
    `text\n\n\u2014 name AAAA\n`,
    `text\n\n\u2014 name AAAAAA==`,
    `text\n\n- name AAAAAA==\n`,
    `text\n\n\u2014 name  AAAAAA==\n`,
    `text\n\n\u2014 na+me AAAAAA==\n`,
    `text\n\n\u2014 name AAAAAB==\n`,
    `text\u0000\n\n\u2014 name AAAAAA==\n`,
    `text\r\n\n\u2014 name AAAAAAA=\n`,
    `text\n\n${"\u2014 name AAAAAAA=\n".repeat(101)}`,
  ]
  for (const one of bad) refuses("note_malformed", () => parseNote(toUtf8(one)))
  refuses("note_malformed", () => parseNote(new Uint8Array(maxNoteBytes + 1)))
  refuses("note_malformed", () => parseNote(Uint8Array.of(...note, 0xff)))
  assert.equal(parseNote(toUtf8(`text\n\n${"\u2014 name AAAAAAA=\n".repeat(100)}`)).signatures.length, 100)
})

test("N2: a verifier key has one spelling, and an unfit key, name or id is refused", () => {
  const vkey = formatVerifierKey(key)
  assert.deepEqual(parseVerifierKey(crypto, vkey), key)
  const [, id = "", raw = ""] = vkey.split("+")
  const bad = [
    "",
    `${testOrigin}+${id}`,
    vkey.replace(id, "00000000"),
    vkey.replace(id, id.toUpperCase()),
    `two words+${id}+${raw}`,
    `${testOrigin}+${id}+${toBase64(Uint8Array.of(9, ...key.publicKey))}`,
    `${testOrigin}+${id}+${toBase64(Uint8Array.of(1, ...key.publicKey.subarray(1)))}`,
    `${testOrigin}+${id}+${raw}`.padEnd(500, "="),
  ].filter((one) => one !== vkey)
  for (const one of bad) refuses("note_key", () => parseVerifierKey(crypto, one))
  refuses("note_key", () => noteKey(crypto, { name: "a b", type: 1, publicKey: key.publicKey }))
  refuses("note_key", () => noteKey(crypto, { name: "a", type: 1, publicKey: new Uint8Array(32) }))
})

test("N3: a checkpoint without a signature of the log's key is refused", () => {
  const other = digest("another key")
  const otherKey = noteKey(crypto, { name: testOrigin, type: noteKeyTypes.ed25519, publicKey: ed25519PublicKey(other) })
  refuses("note_unsigned", () =>
    verifyCheckpoint(crypto, { note: signCheckpoint(crypto, { head, key: otherKey, privateKey: other }), key }),
  )
})

test("N4: a bad signature that names the log's key spoils the note, even beside a good one", () => {
  const good = signNoteText(crypto, { text, key, privateKey })
  const bad = { ...good, signature: good.signature.with(3, (good.signature[3] as number) ^ 1) }
  refuses("note_bad_signature", () => verifyCheckpoint(crypto, { note: formatNote({ text, signatures: [bad] }), key }))
  refuses("note_bad_signature", () => verifyCheckpoint(crypto, { note: formatNote({ text, signatures: [good, bad] }), key }))
  refuses("note_bad_signature", () =>
    verifyCheckpoint(crypto, { note: formatNote({ text, signatures: [{ ...good, signature: good.signature.subarray(1) }] }), key }),
  )
})

test("C1: a signed text that is no checkpoint is refused", () => {
  const root = toBase64(head.root)
  const bad = [
    "one line\n",
    `${testOrigin}\n70\n`,
    `${testOrigin}\n070\n${root}\n`,
    `${testOrigin}\n-1\n${root}\n`,
    `${testOrigin}\n9007199254740993\n${root}\n`,
    `${testOrigin}\n70\n${root.slice(1)}\n`,
    `${testOrigin}\n70\n${root.slice(0, -2)}B=\n`,
    `\n70\n${root}\n`,
  ]
  for (const one of bad) refuses("checkpoint_malformed", () => parseCheckpoint(one))
})

test("C2: extension lines are refused, signed or not", () => {
  refuses("checkpoint_extension", () => verifyCheckpoint(crypto, { note: signText(`${text}extra\n`), key }))
  refuses("note_bad_signature", () => {
    const [body = "", signatures = ""] = new TextDecoder().decode(note).split("\n\n")
    verifyCheckpoint(crypto, { note: toUtf8(`${body}\nextra\n\n${signatures}`), key })
  })
})

test("A1: a checkpoint of another origin is refused, though the right key signed it", () => {
  refuses("wrong_origin", () =>
    verifyCheckpoint(crypto, { note: signText(formatCheckpoint({ origin: "evil.example/kt/1", ...head })), key }),
  )
})

test("Every flipped bit of a checkpoint note is refused with a code", () => {
  for (let i = 0; i < note.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      const bad = note.with(i, (note[i] as number) ^ (1 << bit))
      refuses(undefined, () => verifyCheckpoint(crypto, { note: bad, key }))
    }
    refuses(undefined, () => verifyCheckpoint(crypto, { note: note.subarray(0, i), key }))
  }
})
