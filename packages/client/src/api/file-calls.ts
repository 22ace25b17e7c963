// What a device lets a person do with photos and files. Their content goes through it as streams of bytes, for a caller in the same program.

import type { Hex } from "../core/hex.ts"
import type { MessageView } from "../view/message-view.ts"

/** A photo or a file to be sent. */
export interface FileToSend {
  readonly name: string
  readonly mediaType: string
  /** Of the content, in bytes. */
  readonly size: number
  /** All of it, from the beginning. `invalid_input` if it is shorter or longer than was said. */
  content(): AsyncIterable<Uint8Array>
  /** Of a picture: its size in pixels, and a thumbhash to show until the picture is there. It is then shown as one. */
  readonly preview?: { readonly width: number; readonly height: number; readonly thumbhash: Uint8Array } | undefined
  /** GFM-MIMI Markdown. */
  readonly caption?: string | undefined
  readonly inReplyTo?: Hex | undefined
  /** As in `Device.send`. */
  readonly id?: Hex | undefined
}

/** A photo or a file that is here. */
export interface FileHere {
  /** Plain: one name without a path, with nothing in it that cannot be seen. */
  readonly name: string
  /** As the sender said. */
  readonly mediaType: string
  readonly size: number
  /** Bytes `from` up to, not including, `to`. Nothing comes that is not what was sent. `file_damaged` */
  content(from?: number, to?: number): AsyncIterable<Uint8Array>
}

export interface FileCalls {
  /**
   * Seals the file on this device, then stores the message. It is uploaded afterwards by itself, also after a restart; the event `transfer` says how
   * far it is. `Device.discard` stops it, `Device.retry` begins again what failed. `too_large`
   */
  send(chatId: Hex, file: FileToSend): Promise<MessageView>
  /**
   * Resolves when all of it is here: at once, or after a download, which goes on where an earlier one was interrupted. `not_found`, `file_expired`,
   * `file_missing`, `file_damaged`, `unreachable`
   */
  open(chatId: Hex, messageId: Hex): Promise<FileHere>
}
