// Photos and files in what commands print, and how they are read from the disk.

import type { FileContent, FileToSend } from "@nodoor/client"
import { shownText } from "@nodoor/client/text"
import { isolated } from "@nodoor/wire"
import { open } from "node:fs/promises"
import { basename, extname } from "node:path"
import { CliError } from "./cli-error.ts"

const readBytes = 1_048_576

/** `photo.jpg (2.1 MB)`, and the caption behind it. */
export function fileText({ name, sizeBytes, caption }: FileContent): string {
  return `[${isolated(name)}, ${sizeText(sizeBytes)}]${caption === "" ? "" : ` ${shownText(caption)}`}`
}

export function fileJson({ name, mediaType, sizeBytes, caption, expiresMs }: FileContent): object {
  return { name, mediaType, size: sizeBytes, caption: shownText(caption), until: expiresMs ?? null }
}

export function sizeText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB"]
  let [size, unit] = [bytes, 0]
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1_000
  return `${unit > 0 && size < 9.95 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`
}

/** A file of the disk as it is: nothing is taken out of it. @throws CliError `usage` */
export async function fileAt(path: string): Promise<FileToSend & { close(): Promise<void> }> {
  const file = await open(path).catch((error: unknown) => {
    throw new CliError("usage", `The file ${path} could not be read.`, { cause: error })
  })
  const stats = await file.stat()
  if (!stats.isFile()) {
    await file.close()
    throw new CliError("usage", `${path} is not a file.`)
  }
  return {
    name: basename(path),
    mediaType: mediaTypes[extname(path).toLowerCase()] ?? "application/octet-stream",
    size: stats.size,
    async *content() {
      for (let at = 0; ;) {
        const { bytesRead, buffer } = await file.read(new Uint8Array(readBytes), 0, readBytes, at)
        if (bytesRead === 0) return
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    },
    close: () => file.close(),
  }
}

/** By the ending, as a hint for those who get it. */
const mediaTypes: Readonly<Record<string, string>> = {
  ".avif": "image/avif",
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".md": "text/markdown",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".ogg": "audio/ogg",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".txt": "text/plain",
  ".webm": "video/webm",
  ".webp": "image/webp",
  ".zip": "application/zip",
}
