// Bytes in pieces of one size.

/** The same bytes; the last piece may be shorter. */
export async function* inPieces(source: AsyncIterable<Uint8Array>, pieceBytes: number): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(pieceBytes)
  let used = 0
  for await (const bytes of source)
    for (let at = 0; at < bytes.length;) {
      const taken = bytes.subarray(at, at + pieceBytes - used)
      piece.set(taken, used)
      used += taken.length
      at += taken.length
      if (used < pieceBytes) continue
      yield piece
      piece = new Uint8Array(pieceBytes)
      used = 0
    }
  if (used > 0) yield piece.slice(0, used)
}
