// Archives, photos and files as files of the browser, read and written piece by piece: a browser may keep the pieces of a file on its disk.

import type { OpenDevice } from "@nodoor/client"

type ArchiveSource = Parameters<OpenDevice["archives"]["open"]>[0]

/** What is held in memory before it becomes a part of the file. */
const partBytes = 4 << 20

export async function* piecesOf(file: Blob, from = 0): AsyncGenerator<Uint8Array> {
  const reader = file.slice(from).stream().getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

export async function blobOf(pieces: AsyncIterable<Uint8Array>): Promise<Blob> {
  const parts: Blob[] = []
  let held: Uint8Array<ArrayBuffer>[] = []
  let heldBytes = 0
  for await (const piece of pieces) {
    held.push(Uint8Array.from(piece))
    heldBytes += piece.length
    if (heldBytes < partBytes) continue
    parts.push(new Blob(held))
    held = []
    heldBytes = 0
  }
  return new Blob([...parts, ...held])
}

export function archiveOf(file: Blob): ArchiveSource {
  return { read: (fromByte) => piecesOf(file, fromByte) }
}

/** Everything on this device, as a file that its owner keeps. It counts as the newest backup from then on. */
export async function archiveFile({ archives }: Pick<OpenDevice, "archives">): Promise<Blob> {
  const { bytes, madeAtMs } = await archives.write()
  const file = await blobOf(bytes)
  await archives.made({ madeAtMs, bytes: file.size })
  return file
}
