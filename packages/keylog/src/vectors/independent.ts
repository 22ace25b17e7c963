// Formats of vectors that others computed: Go's sumdb/note and sumdb/tlog, prefix roots, VRF labels.

import { fromBase64, fromHex, toUtf8 } from "@nodoor/bytes"
import { encodeDelta } from "../audit/auditor.ts"
import { verifyCheckpoint } from "../checkpoint/checkpoint.ts"
import { vrfInput } from "../map/commitment.ts"
import type { LogCrypto } from "../core/crypto.ts"
import { PrefixMap } from "../map/prefix-map.ts"
import { parseVerifierKey } from "../checkpoint/signed-note.ts"
import { TreeFrontier } from "../tree/tree-frontier.ts"
import { leafHash, verifyConsistency, verifyInclusion } from "../tree/tree-hash.ts"
import { verifyVrf, vrfPrivateKey, vrfProve } from "../map/vrf.ts"
import { type Entry, base64, entries, expect, expectEqual, hex, number, object, text, texts } from "@nodoor/bytes/vectors"
import type { Check, VectorFormat } from "./vector.ts"

/** A signed checkpoint, the entries under it, and proofs, as Go's golang.org/x/mod makes them. */
export const sumdb: VectorFormat = {
  name: "sumdb",
  recognises: (entry) => "Vkey" in entry && "Note" in entry && "Inclusion" in entry && "Consistency" in entry,
  checks(entry, crypto) {
    const leaves = texts(entry, "Entries").map((one) => leafHash(crypto, fromBase64(one)))
    const roots = treeRoots(crypto, leaves)
    const rootAt = (size: number): Uint8Array => {
      const root = roots[size]
      expect(root !== undefined, "a size beyond the entries")
      return root
    }
    const checkpoint: Check = {
      name: "checkpoint",
      run() {
        const key = parseVerifierKey(crypto, text(entry, "Vkey"))
        const { size, root } = verifyCheckpoint(crypto, { note: toUtf8(text(entry, "Note")), key })
        expectEqual(root, rootAt(size), "root of the checkpoint")
      },
    }
    const inclusion = entries(entry, "Inclusion").map((one): Check => {
      const [size, index] = [number(one, "Size"), number(one, "Index")]
      const run = (): void => {
        const root = base64(one, "Root")
        expectEqual(root, rootAt(size), "root")
        verifyInclusion(crypto, {
          index,
          leaf: leaves[index] as Uint8Array,
          head: { size, root },
          proof: texts(one, "Proof").map(fromBase64),
        })
      }
      return { name: `inclusion of ${index} in ${size}`, run }
    })
    const consistency = entries(entry, "Consistency").map((one): Check => {
      const [oldSize, newSize] = [number(one, "Old"), number(one, "New")]
      const run = (): void => {
        const older = { size: oldSize, root: base64(one, "OldRoot") }
        const newer = { size: newSize, root: base64(one, "NewRoot") }
        expectEqual(older.root, rootAt(oldSize), "older root")
        expectEqual(newer.root, rootAt(newSize), "newer root")
        verifyConsistency(crypto, { older, newer, proof: texts(one, "Proof").map(fromBase64) })
      }
      return { name: `consistency of ${oldSize} with ${newSize}`, run }
    })
    return [checkpoint, ...inclusion, ...consistency]
  },
}

/** Map roots over n keys, index i being SHA-256("k" ‖ i) and its commitment SHA-256("v" ‖ i). */
export const prefixRoots: VectorFormat = {
  name: "prefix-roots",
  recognises: (entry) => isObject(entry["roots"]) && Object.keys(entry["roots"]).every((key) => /^[0-9]{1,5}$/.test(key)),
  checks(entry, crypto) {
    const roots = object(entry, "roots")
    return Object.keys(roots).map((count) => ({
      name: `root of ${count} keys`,
      run() {
        const rows = Array.from({ length: Number(count) }, (_, i) => ({
          index: crypto.sha256(toUtf8(`k${i}`)),
          commitment: crypto.sha256(toUtf8(`v${i}`)),
        }))
        const map = new PrefixMap(crypto)
        map.insert(encodeDelta(rows))
        expectEqual(map.root, hex(roots, count), "root")
      },
    }))
  },
}

/** Indices of one label's versions under the VRF secret SHA-256("kt-test-vector:vrf"). */
export const vrfLabels: VectorFormat = {
  name: "vrf-labels",
  recognises: (entry) => "label" in entry && "public_key" in entry && isObject(entry["index"]),
  checks(entry, crypto) {
    const key = vrfPrivateKey(crypto.sha256(toUtf8("kt-test-vector:vrf")))
    const publicKey = hex(entry, "public_key")
    const indices = object(entry, "index")
    const own: Check = { name: "public key", run: () => expectEqual(key.publicKey, publicKey, "public key") }
    const versions = Object.keys(indices).map((version) => ({
      name: `index of version ${version}`,
      run() {
        const alpha = vrfInput(hex(entry, "label"), Number(version))
        const output = verifyVrf({ publicKey, alpha, proof: vrfProve(key, alpha) })
        expectEqual(output.subarray(0, 32), fromHex(text(indices, version)), "index")
      },
    }))
    return [own, ...versions]
  },
}

function treeRoots(crypto: LogCrypto, leaves: readonly Uint8Array[]): Uint8Array[] {
  const tree = new TreeFrontier(crypto)
  const roots = [tree.root()]
  for (const leaf of leaves) {
    tree.append(leaf)
    roots.push(tree.root())
  }
  return roots
}

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
