// What the interface needs from the place it runs in: whether this browser holds a device, how to create one, and the device itself.

import type { AccountView, ArchivePreview, Device, FileToSend, Hex, LinkView, MessageView, Registration, WordsCheck } from "@nodoor/client"
import type { ServerInfo } from "@nodoor/wire"
import type { ReadonlySignal } from "@preact/signals"

export type HostState =
  /** The store is being opened, here or in another tab. */
  | { readonly status: "starting" }
  /** There is no device in this browser yet. */
  | { readonly status: "empty" }
  | { readonly status: "ready"; readonly account: AccountView }
  /** There was a device here, and the browser has deleted its key or its data. */
  | { readonly status: "lost" }
  | { readonly status: "unsupported"; readonly missing: readonly string[] }
  | { readonly status: "failed"; readonly code: string; readonly message: string }

/** What is known about how this browser stores the account. */
export interface StorageView {
  /** This looks like a private window: everything is deleted when it closes. */
  readonly offTheRecord: boolean
  /**
   * `kept`: stored, as far as is known. `written_again`: the browser deleted it while the page was open, and it was restored from memory.
   * `gone`: the browser deleted it, and it could not be restored.
   */
  readonly state: "kept" | "written_again" | "gone"
}

export interface Host {
  readonly state: ReadonlySignal<HostState>
  /** Which worker owns the device. When it changes, events may have been missed. */
  readonly owner: ReadonlySignal<string | undefined>
  readonly storage: ReadonlySignal<StorageView>
  /** Rejects with `HostError` code `not_ready` until the state is `ready`. */
  readonly device: Device
  serverInfo(): Promise<ServerInfo>
  /** Rejects with `invite_invalid` if the invite does not work: unknown, revoked, used up or expired. */
  checkInvite(invite: string): Promise<void>
  requestEmailCode(email: string): Promise<void>
  /** Creates the keys and the account. The state becomes `ready`. */
  register(registration: Registration): Promise<void>
  /** How far this browser has come with joining an account, in whichever tab it began. */
  readonly linking: ReadonlySignal<LinkView | undefined>
  /** Begins to join an account that has devices: shows a code, or takes theirs. The state becomes `ready` when they have let it in. */
  linkDevice(how: LinkHow): Promise<void>
  /** Stops it, and forgets how the last one ended. */
  cancelLink(): Promise<void>
  /** Brings the account back by its recovery key. The state becomes `ready`. */
  recover(recovery: { readonly handle: string; readonly words: readonly string[] }): Promise<void>
  /** What is wrong with the words themselves, whoever they belong to. */
  checkWords(words: readonly string[]): Promise<WordsCheck>
  /** All of this device's messages as one encrypted file. */
  saveBackup(): Promise<Blob>
  previewFile(file: Blob): Promise<ArchivePreview>
  restoreFile(file: Blob, options?: RestoreChoice): Promise<void>
  /** Seals a photo or a file in the worker, and stores its message. Sending goes on by itself. */
  sendFile(chatId: Hex, file: FileMessage): Promise<MessageView>
  /** The photo or file of a message, once all of it is here. */
  openFile(chatId: Hex, messageId: Hex): Promise<FileCopy>
  /** Destroys the key of the store, then the store: everything this device has in this browser. */
  erase(): Promise<void>
  /** Opens again after `failed`. */
  restart(): void
}

/** Ids of the chats of the preview that are brought back; all of them without it. */
export interface RestoreChoice {
  readonly chats?: readonly string[]
}

/** A photo or a file as it is sent. */
export interface OutgoingFile extends Pick<FileToSend, "name" | "mediaType" | "preview"> {
  readonly content: Blob
}

/** `id`: as in `Device.send`. */
export type FileMessage = OutgoingFile & Pick<FileToSend, "caption" | "inReplyTo" | "id">

/** `content` has no type: what it is, nobody knows. */
export interface FileCopy {
  readonly name: string
  readonly content: Blob
}

export type LinkHow = { readonly show: true } | { readonly code: string }

/** Codes: those of `ClientError` and of the server, and `not_ready`, `changed_tabs`, `unexpected` of this package. */
export class HostError extends Error {
  readonly code: string
  readonly retryAfterMs: number | undefined
  constructor(code: string, message: string, options: { readonly retryAfterMs?: number | undefined } = {}) {
    super(message)
    this.name = "HostError"
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}
