// docs/protocol.md against the code: its bytes, its routes, its error codes.

import assert from "node:assert/strict"
import { createHash, createPrivateKey, sign } from "node:crypto"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { concat, fromHex } from "@nodoor/bytes"
import { annotate } from "./fixtures/annotate.ts"
import { encodeMessage, errorCodes, postSignatureInput } from "./index.ts"
import * as wire from "./index.ts"
import * as operator from "./operator/index.ts"

const text = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8")

/** The seed 0x01 × 32 as a delivery key, a group id that counts, and a body that is far too short to be a real one. */
function dumps(): readonly string[] {
  const key = createPrivateKey({
    key: Buffer.from(concat(fromHex("302e020100300506032b657004220420"), new Uint8Array(32).fill(1))),
    format: "der",
    type: "pkcs8",
  })
  const sha256 = (data: Uint8Array): Uint8Array => createHash("sha256").update(data).digest()
  const groupId = Uint8Array.from({ length: 32 }, (_, at) => at)
  const body = Uint8Array.from({ length: 20 }, (_, at) => 0xa0 + at)
  const unsigned = { groupId, epoch: 7, body }
  const request = { ...unsigned, signature: new Uint8Array(sign(null, postSignatureInput(sha256, unsigned), key)) }
  const placed = { order: 300, timeMs: 1_796_126_400_000 }
  return [
    annotate(encodeMessage(request)),
    annotate(encodeMessage(placed)),
    annotate(encodeMessage({ type: "records", records: [{ kind: "post", seq: 41, groupId, ...placed, body }] })),
    annotate(encodeMessage({ code: "epoch_stale", message: "epoch_stale", epoch: 9 })),
  ]
}

test("the document opens with bytes that the code writes", () => {
  const shown = [...text.matchAll(/^```cbor\n([\s\S]*?)\n```$/gm)].map(([, block]) => block)
  assert.ok(text.indexOf("```cbor") < text.indexOf("\n## "), "before the first heading")
  assert.deepEqual(shown, dumps())
})

test("every error code stands in the table with its status and what a client does, and no other does", () => {
  const rows = [...text.matchAll(/^\| `([a-z_]+)` +\| (\d{3}) +\| ([^|]+) \| ([^|]+) \|$/gm)]
  assert.deepEqual(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)])), errorCodes)
  for (const [, code, , when, client] of rows) assert.ok((when ?? "").trim().length > 8 && (client ?? "").trim().length > 4, code ?? "")
})

test("every route is named, and none that is not there", () => {
  const routes = Object.values({ ...wire, ...operator } as Record<string, unknown>).flatMap((value) =>
    typeof value === "object" && value !== null && "caller" in value && "path" in value ? [value as { path: string; caller: string }] : [],
  )
  const rows = [...text.matchAll(/^\| `(\/v1\/[a-z/-]+)` +\| (nobody|device|member|operator) +\|/gm)].map(
    ([, path, caller]) => `${path} ${caller}`,
  )
  assert.deepEqual(rows.toSorted(), routes.map(({ path, caller }) => `${path} ${caller}`).toSorted())
})
