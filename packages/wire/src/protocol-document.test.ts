// docs/protocol.md against the code: its bytes, its routes, its error codes.

import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { concat, fromHex } from "@nodoor/bytes"
import { annotateFields } from "./fixtures/annotate-fields.ts"
import { deliveryCodes, encodePostingAnswer, encodePostingRequest, encodeReadingAnswer, postFlags, postMac } from "./delivery/index.ts"
import { errorCodes } from "./index.ts"
import * as wire from "./index.ts"
import * as operator from "./operator/index.ts"

const text = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8")

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest())

/** The delivery key 0x01 × 32, a group id that counts, and a body that is far too short to be a real one. */
function dumps(): readonly string[] {
  const groupId = Uint8Array.from({ length: 32 }, (_, at) => at)
  const body = Uint8Array.from({ length: 20 }, (_, at) => 0xa0 + at)
  const [epoch, order, hour, ref, sub] = [7, 300, 498_924, 5, 2]
  const mac = postMac(sha256, new Uint8Array(32).fill(1), { groupId, epoch, flags: postFlags.post, bodyHash: sha256(body) })
  const number = (value: number, sizeBytes: number): Uint8Array => fromHex(value.toString(16).padStart(2 * sizeBytes, "0"))
  const long: [string, Uint8Array][] = [
    ["length of the body", number(body.length, 4)],
    ["body", body],
  ]
  const shown = (frame: Uint8Array, fields: readonly (readonly [string, Uint8Array])[]): string => {
    assert.deepEqual(concat(...fields.map(([, value]) => value)), frame)
    return annotateFields(fields)
  }
  return [
    shown(encodePostingRequest([{ type: "post", ref, groupId, epoch, flags: 0, mac, body }]), [
      ["post", number(0x02, 1)],
      ["ref = 5: answers name it", number(ref, 4)],
      ["group_id", groupId],
      ["epoch = 7", number(epoch, 8)],
      ["flags = 0", number(0, 1)],
      ["mac", mac],
      ...long,
    ]),
    shown(encodePostingAnswer([{ type: "placed", ref, order, hour }]), [
      ["placed", number(0x82, 1)],
      ["ref = 5", number(ref, 4)],
      ["order = 300", number(order, 8)],
      ["hour = 498924: 2026-12-01, 12:00 UTC", number(hour, 4)],
    ]),
    shown(encodeReadingAnswer([{ type: "post", sub, order, hour, body }]), [
      ["post", number(0x93, 1)],
      ["sub = 2: the reader's number for this group", number(sub, 4)],
      ["order = 300", number(order, 8)],
      ["hour", number(hour, 4)],
      ...long,
    ]),
    shown(encodePostingAnswer([{ type: "refused", ref, code: "epoch_stale", epoch: 9, retryAfterMs: 0 }]), [
      ["refused", number(0x83, 1)],
      ["ref = 5", number(ref, 4)],
      ["code = 8: epoch_stale", number(deliveryCodes.epoch_stale, 1)],
      ["epoch = 9: the group's", number(9, 8)],
      ["retry_after_ms = 0: not said", number(0, 4)],
    ]),
  ]
}

test("the document opens with bytes that the code writes", () => {
  const shown = [...text.matchAll(/^```tls\n([\s\S]*?)\n```$/gm)].map(([, block]) => block)
  assert.ok(text.indexOf("```tls") < text.indexOf("\n## "), "before the first heading")
  assert.deepEqual(shown, dumps())
})

test("every error code stands in the table with its status and what a client does, and no other does", () => {
  const rows = [...text.matchAll(/^\| `([a-z_]+)` +\| (\d{3}) +\| ([^|]+) \| ([^|]+) \|$/gm)]
  assert.deepEqual(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)])), errorCodes)
  for (const [, code, , when, client] of rows) assert.ok((when ?? "").trim().length > 8 && (client ?? "").trim().length > 4, code ?? "")
})

test("every code of the delivery service stands in its table with its number and what a client does, and no other does", () => {
  const rows = [...text.matchAll(/^\| (\d{1,2}) +\| `([a-z_]+)` +\| ([^|]+) \| ([^|]+) \|$/gm)]
  assert.deepEqual(Object.fromEntries(rows.map(([, number, code]) => [code, Number(number)])), deliveryCodes)
  for (const [, , code, when, client] of rows) assert.ok((when ?? "").trim().length > 8 && (client ?? "").trim().length > 4, code ?? "")
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
