import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, decodeTls, equal, toHex } from "@nodoor/bytes"
import fc from "fast-check"
import { binaryLadder, verifyLadder, watchSet } from "../search/binary-ladder.ts"
import { commitment, verifyCommitment } from "./commitment.ts"
import { encodeDelta } from "../audit/auditor.ts"
import { digest, nodeLogCrypto as crypto } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { fillerRow } from "../fixtures/test-log.ts"
import { PrefixMap } from "./prefix-map.ts"
import { type PrefixProof, encodePrefixProof, readPrefixProof, verifyPrefixProof, bitAt } from "./prefix-proof.ts"

interface Row {
  readonly index: Uint8Array
  readonly commitment: Uint8Array
}

/** docs/transparency.md, "Map", word for word. */
function naiveRoot(rows: readonly Row[], depth = 0): Uint8Array {
  const [row] = rows
  if (!row) return new Uint8Array(32)
  if (rows.length === 1) return crypto.sha256(concat(Uint8Array.of(2), row.index, row.commitment))
  const side = (bit: number): Uint8Array =>
    naiveRoot(
      rows.filter(({ index }) => bitAt(index, depth) === bit),
      depth + 1,
    )
  return crypto.sha256(concat(Uint8Array.of(3), side(0), side(1)))
}

function filled(rows: readonly Row[]): PrefixMap {
  const map = new PrefixMap(crypto)
  map.insert(encodeDelta(rows))
  return map
}

const rows = Array.from({ length: 200 }, (_, i) => fillerRow(i))
/** Indices that agree in many bits. */
const crowded = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 15 })).map(([first, last]) => {
    const index = new Uint8Array(32)
    index[0] = first
    index[31] = last << 1
    return index
  }),
  { maxLength: 20, selector: toHex },
)

test("The map's root is the naive tree's, for any keys in any batches, also when they agree in many bits", () => {
  fc.assert(
    fc.property(crowded, crowded, (first, second) => {
      const fresh = second.filter((index) => !first.some((one) => equal(one, index)))
      const toRows = (list: readonly Uint8Array[]): Row[] => list.map((index) => ({ index, commitment: digest(toHex(index)) }))
      const map = filled(toRows(first))
      map.insert(encodeDelta(toRows(fresh)))
      assert.equal(toHex(map.root), toHex(naiveRoot(toRows([...first, ...fresh]))))
      assert.equal(map.keyCount, first.length + fresh.length)
    }),
    { numRuns: 60 },
  )
  assert.equal(toHex(filled(rows).root), toHex(naiveRoot(rows)))
})

test("One proof shows any mix of present and absent indices, from the empty map on", () => {
  fc.assert(
    fc.property(crowded, crowded, fc.integer({ min: 0, max: 200 }), (crowd, extra, count) => {
      const held = [...rows.slice(0, count), ...crowd.map((index) => ({ index, commitment: digest(toHex(index)) }))]
      const map = filled(held)
      const indices = [...extra, ...held.slice(0, 9).map(({ index }) => index), digest("absent")]
      const proof = map.prove(indices)
      const again = decodeTls(encodePrefixProof(proof), readPrefixProof)
      const found = verifyPrefixProof(crypto, { root: map.root, indices, proof: again })
      indices.forEach((index, i) => {
        const row = held.find((one) => equal(one.index, index))
        assert.equal(found[i] && toHex(found[i]), row && toHex(row.commitment))
      })
    }),
    { numRuns: 60 },
  )
})

test("M1: every flipped byte, lost element and foreign index of a prefix proof is refused", () => {
  const map = filled(rows)
  const indices = [fillerRow(3).index, digest("absent"), fillerRow(150).index]
  const verify = (proof: PrefixProof, asked = indices): unknown => verifyPrefixProof(crypto, { root: map.root, indices: asked, proof })
  const proof = map.prove(indices)
  verify(proof)
  const encoded = encodePrefixProof(proof)
  for (let i = 0; i < encoded.length; i++) {
    for (const mask of [0x01, 0x80]) {
      let bad: PrefixProof
      try {
        bad = decodeTls(encoded.with(i, (encoded[i] as number) ^ mask), readPrefixProof)
      } catch {
        continue
      }
      refuses("map_proof", () => verify(bad))
    }
  }
  refuses("map_proof", () => verify({ ...proof, elements: proof.elements.slice(1) }))
  refuses("map_proof", () => verify({ ...proof, elements: [...proof.elements, digest("x")] }))
  refuses("map_proof", () => verify(proof, [digest("other"), ...indices.slice(1)]))
  refuses("map_proof", () => verify(proof, indices.toReversed()))
  refuses("map_proof", () => verify(map.prove(indices.slice(1))))
  refuses("map_proof", () => verify({ results: [], elements: [] }, []))
})

test("M1: absence forged with a leaf of another branch or of the index itself is refused", () => {
  const map = filled(rows)
  const { index, commitment: committed } = fillerRow(3)
  const { results, elements } = map.prove([index])
  const depth = (results[0] as { depth: number }).depth
  const itself = { kind: "non-inclusion leaf", depth, index, commitment: committed } as const
  refuses("map_proof", () => verifyPrefixProof(crypto, { root: map.root, indices: [index], proof: { results: [itself], elements } }))
  const far = index.with(0, (index[0] as number) ^ 0x80)
  refuses("map_proof", () => verifyPrefixProof(crypto, { root: map.root, indices: [far], proof: { results: [itself], elements } }))
})

test("M2: a leaf that stands alone below its place, as no map has it, is refused", () => {
  const { index, commitment: committed } = fillerRow(0)
  const leaf = crypto.sha256(concat(Uint8Array.of(2), index, committed))
  const zeros = new Uint8Array(32)
  const [left, right] = bitAt(index, 0) === 0 ? [leaf, zeros] : [zeros, leaf]
  const root = crypto.sha256(concat(Uint8Array.of(3), left, right))
  const proof: PrefixProof = { results: [{ kind: "inclusion", depth: 1, commitment: committed }], elements: [zeros] }
  refuses("map_shape", () => verifyPrefixProof(crypto, { root, indices: [index], proof }))
})

test("M3: indices that agree in 255 bits are refused, and the map stays as it was", () => {
  const map = filled(rows)
  const before = toHex(map.root)
  const twin = new Uint8Array(32)
  const pair = [twin, twin.with(31, 1)].map((index) => ({ index, commitment: digest("c") }))
  refuses("map_depth", () => map.insert(encodeDelta(pair)))
  assert.equal(toHex(map.root), before)
  map.insert(encodeDelta([fillerRow(900)]))
  assert.equal(toHex(map.root), toHex(naiveRoot([...rows, fillerRow(900)])))
})

test("M4: a commitment opens to its label, version and value only", () => {
  const value = { opening: digest("o").slice(0, 16), label: digest("l"), version: 3, value: digest("v") }
  const made = commitment(crypto, value)
  verifyCommitment(crypto, { ...value, commitment: made })
  refuses("commitment", () => verifyCommitment(crypto, { ...value, version: 4, commitment: made }))
  refuses("commitment", () => verifyCommitment(crypto, { ...value, value: digest("w"), commitment: made }))
  refuses("commitment", () => verifyCommitment(crypto, { ...value, label: digest("m"), commitment: made }))
  refuses("commitment", () => verifyCommitment(crypto, { ...value, opening: digest("p").slice(0, 16), commitment: made }))
  refuses("commitment", () => verifyCommitment(crypto, { ...value, opening: new Uint8Array(17), commitment: made }))
})

test("D1: a delta that is not sorted, holds an index twice or half a row is refused", () => {
  const map = filled([])
  const [a, b] = rows
    .slice(0, 2)
    .map(({ index, commitment: c }) => concat(index, c))
    .toSorted((x, y) => (toHex(x) < toHex(y) ? -1 : 1)) as [Uint8Array, Uint8Array]
  refuses("delta_order", () => map.insert(concat(b, a)))
  refuses("delta_order", () => map.insert(concat(a, a)))
  refuses("delta_order", () => map.insert(a.subarray(1)))
  assert.equal(map.keyCount, 0)
  map.insert(concat(a, b))
  assert.equal(map.keyCount, 2)
})

test("D2: an index inserted twice, or with a changed commitment, is refused, and the map stays as it was", () => {
  const map = filled(rows)
  const before = toHex(map.root)
  refuses("map_key_present", () => map.insert(encodeDelta([fillerRow(500), fillerRow(7)])))
  refuses("map_key_present", () => map.insert(encodeDelta([{ ...fillerRow(7), commitment: digest("changed") }])))
  assert.equal(toHex(map.root), before)
  assert.equal(map.commitment(fillerRow(500).index), undefined)
})

test("A staged batch has its own root and proofs while the published map answers as before; a discarded one leaves no trace", () => {
  const map = filled(rows.slice(0, 100))
  const published = toHex(map.root)
  for (let round = 0; round < 5; round++) {
    const staged = map.stage(encodeDelta(rows.slice(100)))
    const asked = [fillerRow(150).index]
    assert.ok(verifyPrefixProof(crypto, { root: staged.root, indices: asked, proof: staged.prove(asked) })[0])
    assert.equal(verifyPrefixProof(crypto, { root: map.root, indices: asked, proof: map.prove(asked) })[0], undefined)
    assert.equal(toHex(map.root), published)
    assert.equal(map.keyCount, 100)
    if (round < 4) staged.discard()
    else staged.commit()
    assert.throws(() => staged.commit())
  }
  assert.equal(toHex(map.root), toHex(naiveRoot(rows)))
})

test("L1: the ladder of a greatest version is the draft's, and a truncated, reordered or lying one is refused", () => {
  const versions = (greatest: number): number[] => binaryLadder(greatest).map(({ version }) => version)
  assert.deepEqual(versions(0), [0, 1])
  assert.deepEqual(versions(2), [0, 1, 3, 2])
  assert.deepEqual(versions(3), [0, 1, 3, 7, 5, 4])
  assert.deepEqual(versions(7), [0, 1, 3, 7, 15, 11, 9, 8])
  assert.deepEqual(binaryLadder(undefined), [{ version: 0, present: false }])
  assert.deepEqual(watchSet(2), [3])
  assert.deepEqual(watchSet(7), [15, 11, 9, 8])
  for (let greatest = 0; greatest < 70; greatest++) {
    const found = binaryLadder(greatest).map(({ present }) => present)
    verifyLadder(greatest, found)
    refuses("ladder", () => verifyLadder(greatest, found.slice(0, -1)))
    found.forEach((present, i) => refuses("ladder", () => verifyLadder(greatest, found.with(i, !present))))
    assert.ok(binaryLadder(greatest).some(({ version, present }) => version === greatest && present))
    assert.ok(binaryLadder(greatest).some(({ version, present }) => version === greatest + 1 && !present))
  }
})
