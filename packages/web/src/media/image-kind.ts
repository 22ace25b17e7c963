// What a picture is, by its own bytes: its format and how large it becomes when it is decoded. The name and the type that somebody gave it count
// for nothing. Only formats that are pictures and nothing else: SVG is a program.

export interface ImageKind {
  readonly type: "image/jpeg" | "image/png" | "image/gif" | "image/webp"
  readonly width: number
  readonly height: number
}

/** Of a file: where every format has said its size, also behind a large preview from the camera. */
export const headBytes = 1_048_576
const sideMax = 16_384
const pixelsMax = 100_000_000

/** Undefined for anything else, and for a picture that would take too much memory. */
export function imageKind(head: Uint8Array): ImageKind | undefined {
  const kind = png(head) ?? gif(head) ?? webp(head) ?? jpeg(head)
  if (kind === undefined || kind.width === 0 || kind.height === 0) return undefined
  return kind.width > sideMax || kind.height > sideMax || kind.width * kind.height > pixelsMax ? undefined : kind
}

function png(head: Uint8Array): ImageKind | undefined {
  if (!startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) || !hasText(head, 12, "IHDR") || head.length < 24)
    return undefined
  const view = viewOf(head)
  return { type: "image/png", width: view.getUint32(16), height: view.getUint32(20) }
}

function gif(head: Uint8Array): ImageKind | undefined {
  if (!(hasText(head, 0, "GIF87a") || hasText(head, 0, "GIF89a")) || head.length < 10) return undefined
  const view = viewOf(head)
  return { type: "image/gif", width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

function webp(head: Uint8Array): ImageKind | undefined {
  if (!hasText(head, 0, "RIFF") || !hasText(head, 8, "WEBP") || head.length < 30) return undefined
  const view = viewOf(head)
  if (hasText(head, 12, "VP8X"))
    return { type: "image/webp", width: 1 + (view.getUint32(24, true) & 0xff_ffff), height: 1 + (view.getUint32(26, true) >>> 8) }
  if (hasText(head, 12, "VP8L")) {
    const bits = view.getUint32(21, true)
    return { type: "image/webp", width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  if (!hasText(head, 12, "VP8 ")) return undefined
  return { type: "image/webp", width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
}

/** The size stands in the first frame header; before it come segments of a length that each states. */
function jpeg(head: Uint8Array): ImageKind | undefined {
  if (!startsWith(head, [0xff, 0xd8, 0xff])) return undefined
  const view = viewOf(head)
  for (let at = 2; at + 9 <= head.length;) {
    if (head[at] !== 0xff) return undefined
    const marker = head[at + 1] ?? 0
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { type: "image/jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    const length = view.getUint16(at + 2)
    if (length < 2 || marker === 0xda || marker === 0xd9) return undefined
    at += 2 + length
  }
  return undefined
}

function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, at) => head[at] === byte)
}

function hasText(head: Uint8Array, at: number, text: string): boolean {
  return startsWith(
    head.subarray(at),
    Array.from(text, (letter) => letter.charCodeAt(0)),
  )
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
