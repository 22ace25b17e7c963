// The messages between tabs and the worker that owns the device. They are plain data, because they cross postMessage and BroadcastChannel.

import type { ArchivePreview, ClientEvent, Hex, LinkView, MessageView, Registration, WordsCheck } from "@nodoor/client"
import { type DeviceMethod, type DeviceMethods, methods } from "@nodoor/client/methods"
import type { ServerInfo } from "@nodoor/wire"
import type { FileCopy, FileMessage, HostState, LinkHow, RestoreChoice, StorageView } from "./host.ts"

/** The worker's methods besides those of the device. */
export interface Setup {
  serverInfo(): Promise<ServerInfo>
  checkInvite(invite: string): Promise<void>
  requestEmailCode(email: string): Promise<void>
  register(registration: Registration): Promise<void>
  linkDevice(how: LinkHow): Promise<void>
  cancelLinkDevice(): Promise<void>
  recover(recovery: { readonly handle: string; readonly words: readonly string[] }): Promise<void>
  checkWords(words: readonly string[]): Promise<WordsCheck>
  saveBackup(): Promise<Blob>
  previewFile(file: Blob): Promise<ArchivePreview>
  restoreFile(file: Blob, options?: RestoreChoice): Promise<void>
  sendFile(chatId: Hex, file: FileMessage): Promise<MessageView>
  openFile(chatId: Hex, messageId: Hex): Promise<FileCopy>
  erase(): Promise<void>
}

export type Owner = Setup & DeviceMethods
export type Method = keyof Owner
export type Arguments<M extends Method> = Parameters<Owner[M]>
export type Answer<M extends Method> = Awaited<ReturnType<Owner[M]>>

/** `once` calls that were under way when the owner's tab closed are answered with `changed_tabs`: the old owner may have carried them out. */
const setup: Readonly<Record<keyof Setup, Repeat>> = {
  serverInfo: "again",
  checkInvite: "again",
  requestEmailCode: "once",
  register: "once",
  linkDevice: "once",
  cancelLinkDevice: "again",
  recover: "once",
  checkWords: "again",
  saveBackup: "again",
  previewFile: "again",
  // What came back already is not brought back twice.
  restoreFile: "again",
  // The message carries its own id.
  sendFile: "again",
  openFile: "again",
  erase: "again",
}

/** Whether a call may be put to the next owner; undefined for what is no method. */
export function repeatOf(method: string): Repeat | undefined {
  if (Object.hasOwn(setup, method)) return setup[method as keyof Setup]
  return Object.hasOwn(methods, method) ? methods[method as DeviceMethod].repeat : undefined
}

type Repeat = "again" | "once"

export interface Fault {
  readonly code: string
  readonly message: string
  readonly retryAfterMs: number | undefined
}

export type ToOwner =
  | { readonly to: "owner"; readonly type: "hello" }
  /** Sent when somebody tries again after `failed` or `lost`. */
  | { readonly to: "owner"; readonly type: "restart" }
  | {
      readonly to: "owner"
      readonly type: "call"
      readonly tab: string
      readonly call: number
      readonly method: Method
      readonly args: readonly unknown[]
    }

export type FromOwner =
  | { readonly to: "tabs"; readonly type: "state"; readonly owner: string; readonly state: HostState }
  | { readonly to: "tabs"; readonly type: "storage"; readonly owner: string; readonly storage: StorageView }
  | { readonly to: "tabs"; readonly type: "linking"; readonly owner: string; readonly linking: LinkView | undefined }
  | { readonly to: "tabs"; readonly type: "event"; readonly owner: string; readonly event: ClientEvent }
  | {
      readonly to: "tabs"
      readonly type: "answer"
      readonly tab: string
      readonly call: number
      readonly ok: true
      readonly value: unknown
    }
  | { readonly to: "tabs"; readonly type: "answer"; readonly tab: string; readonly call: number; readonly ok: false; readonly fault: Fault }
