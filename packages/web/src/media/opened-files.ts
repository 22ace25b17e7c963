// Photos and files that were opened in this tab, with addresses for pictures to be drawn from. Bounded: what nobody looks at goes first.

import type { Hex } from "@nodoor/client"
import type { Host } from "../host/host.ts"
import { type ImageKind, headBytes, imageKind } from "./image-kind.ts"

const keptBytes = 134_217_728

export interface OpenedFile {
  readonly name: string
  readonly content: Blob
  /** What it is by its own bytes. Undefined for everything that is not shown as a picture. */
  readonly picture: (ImageKind & { readonly url: string }) | undefined
}

interface Entry {
  readonly file: Promise<OpenedFile>
  opened: OpenedFile | undefined
  users: number
}

export interface OpenedFiles {
  /** Loads it if it is not here. Call `release` when it is no longer shown. */
  open(chatId: Hex, messageId: Hex): { readonly file: Promise<OpenedFile>; readonly release: () => void }
}

const stores = new WeakMap<Host, OpenedFiles>()

/** Those of this host. */
export function openedFilesOf(host: Host): OpenedFiles {
  const known = stores.get(host) ?? createOpenedFiles(host)
  stores.set(host, known)
  return known
}

export function createOpenedFiles(host: Pick<Host, "openFile">): OpenedFiles {
  const entries = new Map<string, Entry>()
  const makeRoom = (): void => {
    let bytes = 0
    for (const [id, { opened, users }] of [...entries].toReversed()) {
      bytes += opened?.content.size ?? 0
      if (bytes <= keptBytes || users > 0 || opened === undefined) continue
      entries.delete(id)
      if (opened.picture) URL.revokeObjectURL(opened.picture.url)
    }
  }
  return {
    open(chatId, messageId) {
      const id = `${chatId}/${messageId}`
      const entry = entries.get(id) ?? { file: load(host, chatId, messageId), opened: undefined, users: 0 }
      // At the end, as the one that was looked at last.
      entries.delete(id)
      entries.set(id, entry)
      entry.users++
      entry.file.then(
        (opened) => {
          entry.opened = opened
          makeRoom()
        },
        // It may be there the next time.
        () => entries.get(id) === entry && entries.delete(id),
      )
      let isHeld = true
      return {
        file: entry.file,
        release: () => {
          if (isHeld) entry.users--
          isHeld = false
        },
      }
    },
  }
}

async function load(host: Pick<Host, "openFile">, chatId: Hex, messageId: Hex): Promise<OpenedFile> {
  const { name, content } = await host.openFile(chatId, messageId)
  const kind = imageKind(new Uint8Array(await content.slice(0, headBytes).arrayBuffer()))
  // The type is what the bytes are. Everything else has none, so that no browser takes it for a page.
  const picture = kind && { ...kind, url: URL.createObjectURL(new Blob([content], { type: kind.type })) }
  return { name, content, picture }
}
