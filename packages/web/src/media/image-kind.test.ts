import assert from "node:assert/strict"
import { test } from "node:test"
import { imageKind } from "./image-kind.ts"

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? Array.from(part, (letter) => letter.charCodeAt(0)) : part)))
const u16 = (n: number): number[] => [n >> 8, n & 0xff]
const u32 = (n: number): number[] => [...u16(n >>> 16), ...u16(n & 0xffff)]
const zeros = (n: number): number[] => Array.from({ length: n }, () => 0)

const png = (width: number, height: number): Uint8Array =>
  bytes([0x89], "PNG\r\n", [0x1a, 0x0a], u32(13), "IHDR", u32(width), u32(height), zeros(20))
const gif = bytes("GIF89a", [64, 1, 200, 0], zeros(10))
const jpeg = (...before: number[][]): Uint8Array =>
  bytes([0xff, 0xd8], before.flat(), [0xff, 0xc2, 0, 17, 8], u16(480), u16(640), zeros(12))
const webp = (kind: string, ...rest: number[]): Uint8Array => bytes("RIFF", zeros(4), "WEBP", kind, zeros(4), rest, zeros(20))

test("Formats are known by their own bytes, with the size that they decode to", () => {
  assert.deepEqual(imageKind(png(1_600, 900)), { type: "image/png", width: 1_600, height: 900 })
  assert.deepEqual(imageKind(gif), { type: "image/gif", width: 320, height: 200 })
  assert.deepEqual(imageKind(jpeg()), { type: "image/jpeg", width: 640, height: 480 })
  const large = [0xff, 0xe1, ...u16(60_002), ...zeros(60_000)]
  assert.deepEqual(imageKind(jpeg(large, large, [0xff])), { type: "image/jpeg", width: 640, height: 480 })
  assert.deepEqual(imageKind(webp("VP8X", 0, 0, 0, 0, 0x3f, 0x06, 0, 0x83, 0x03, 0)), { type: "image/webp", width: 1_600, height: 900 })
  assert.deepEqual(imageKind(webp("VP8 ", 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xc8, 0x00)), {
    type: "image/webp",
    width: 320,
    height: 200,
  })
  assert.deepEqual(imageKind(webp("VP8L", 0x2f, 0x3f, 0xc1, 0x31, 0)), { type: "image/webp", width: 320, height: 200 })
})

test("Everything else is no picture: pages, programs, SVG, what is cut short or says nothing of its size", () => {
  for (const other of [
    bytes(),
    bytes("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script/></svg>"),
    bytes("<!doctype html><script>alert(1)</script>"),
    bytes("GIF89a"),
    bytes("BM", zeros(60)),
    png(100, 100).subarray(0, 20),
    png(0, 100),
    jpeg([0xff, 0xda, 0, 2]),
    jpeg([0xff, 0xe0, 0, 1]),
    jpeg([0x00, 0x00]),
    jpeg().subarray(0, 8),
    bytes([0xff, 0xd8, 0xff]),
    webp("VP9 "),
    webp("VP8X").subarray(0, 20),
  ])
    assert.equal(imageKind(other), undefined)
})

test("A picture that would take gigabytes when it is decoded is none", () => {
  assert.ok(imageKind(png(10_000, 10_000)))
  for (const bomb of [png(10_001, 10_000), png(16_385, 1), png(0xffff_ffff, 0xffff_ffff)]) assert.equal(imageKind(bomb), undefined)
})
