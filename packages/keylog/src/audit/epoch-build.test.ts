import assert from "node:assert/strict"
import { test } from "node:test"
import { AssertionError, equal, toHex } from "@nodoor/bytes"
import { Auditor } from "./auditor.ts"
import { signCheckpoint } from "../checkpoint/checkpoint.ts"
import { buildEpoch, emptyLogState } from "./epoch-build.ts"
import { digest, ed25519PublicKey, nodeLogCrypto as crypto, testOrigin } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { fillerRow } from "../fixtures/test-log.ts"
import type { LogEntry } from "../tree/log-entry.ts"
import { PrefixMap } from "../map/prefix-map.ts"
import { noteKey, noteKeyTypes } from "../checkpoint/signed-note.ts"

const privateKey = digest("log key")
const publicKey = ed25519PublicKey(privateKey)
const config: LogEntry = { kind: "config", origin: testOrigin, vrfKey: ed25519PublicKey(digest("v")), logKey: publicKey, resetDelayMs: 1 }
const policy: LogEntry = { kind: "policy", quorum: 0, faults: 0, audits: 0, witnesses: [], operators: [], auditors: [] }
const release: LogEntry = { kind: "release", version: "1", manifestHash: digest("m"), effectiveMs: 0, emergency: false }

test("What a sequencer builds, epoch by epoch, an auditor replays and may sign", () => {
  const map = new PrefixMap(crypto)
  const auditor = new Auditor(crypto)
  const tiles = new Map<string, Uint8Array>()
  let state = emptyLogState
  for (let i = 0; i < 300; i++) {
    const entries = i === 0 ? [config, policy] : i % 50 === 0 ? [release] : []
    const rows = Array.from({ length: i % 4 }, (_, n) => fillerRow(i * 4 + n))
    const built = buildEpoch(crypto, {
      state,
      map,
      readTile: ({ level, index }) => tiles.get(`${level}/${index}`),
      entries,
      rows,
      timeMs: 1000 + i,
    })
    for (const { tile, bytes } of built.tiles) tiles.set(`${tile.level}/${tile.index}`, bytes)
    built.staged.commit()
    state = built.state
    built.entries.forEach((entry, n) => auditor.append(entry, n === built.entries.length - 1 ? built.delta : undefined))
    assert.ok(equal(built.tree.root(), auditor.root))
    const key = noteKey(crypto, { name: testOrigin, type: noteKeyTypes.ed25519, publicKey })
    if (i % 60 === 0) auditor.verifyCheckpoint(signCheckpoint(crypto, { head: built.tree.head(), key, privateKey }))
  }
  assert.equal(state.size, 307)
})

test("An epoch that cannot be built leaves nothing staged in the map", () => {
  const map = new PrefixMap(crypto)
  const input = { map, readTile: () => undefined, entries: [config, policy], rows: [fillerRow(1)], timeMs: 5 }
  const first = buildEpoch(crypto, { state: emptyLogState, ...input })
  first.staged.commit()
  const root = toHex(map.root)
  const again = { ...input, state: first.state, entries: [], timeMs: 6 }
  refuses("map_key_present", () => buildEpoch(crypto, again))
  refuses("tile_missing", () => buildEpoch(crypto, { ...again, rows: [fillerRow(2)] }))
  assert.throws(() => buildEpoch(crypto, { ...again, timeMs: 5 }), AssertionError)
  assert.throws(() => buildEpoch(crypto, { ...again, entries: [config] }), AssertionError)
  assert.equal(toHex(map.root), root)
  map.stage(new Uint8Array()).discard()
})
