// One photo or file of a message, as it comes.

import type { MessageView, TransferView } from "@nodoor/client"
import { type Signal, useSignal } from "@preact/signals"
import { useCallback, useEffect, useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { HostError } from "../host/host.ts"
import { partText } from "../text/part-text.ts"
import { type OpenedFile, openedFilesOf } from "./opened-files.ts"

export type FileState =
  /** Not asked for. */
  | { readonly status: "away" }
  | { readonly status: "loading" }
  | { readonly status: "here"; readonly file: OpenedFile }
  | { readonly status: "failed"; readonly code: string; readonly message: string }

export interface UsedFile {
  readonly state: FileState
  readonly transfer: TransferView | undefined
  load(): Promise<OpenedFile | undefined>
  stop(): void
}

/** `isWanted`: it is loaded without being asked for. `message.content` with another time to live is loaded again. */
export function useFile(message: MessageView, { isWanted }: { readonly isWanted: boolean }): UsedFile {
  const { host } = useApp()
  const { device, transfers } = useModel()
  const state: Signal<FileState> = useSignal<FileState>({ status: "away" })
  const release = useRef<() => void>(() => {})
  const { chatId, id } = message
  const expiresMs = message.content.type === "file" ? message.content.expiresMs : undefined

  const load = useCallback(async (): Promise<OpenedFile | undefined> => {
    release.current()
    state.value = { status: "loading" }
    const opening = openedFilesOf(host).open(chatId, id)
    release.current = opening.release
    try {
      const file = await opening.file
      if (release.current === opening.release) state.value = { status: "here", file }
      return file
    } catch (error) {
      opening.release()
      if (release.current !== opening.release) return undefined
      // Who stops it finds it as it was.
      const code = error instanceof HostError ? error.code : "unexpected"
      const text = error instanceof HostError ? error.message : partText.unexpected
      state.value = { status: "failed", code, message: text }
      return undefined
    }
  }, [chatId, id])

  useEffect(() => {
    if (isWanted) void load()
  }, [isWanted, expiresMs, chatId, id])
  useEffect(() => () => release.current(), [])

  return {
    state: state.value,
    transfer: transfers.value.get(id),
    load,
    stop() {
      void device.stopDownload(chatId, id).catch(() => undefined)
      release.current()
      release.current = () => {}
      state.value = { status: "away" }
    },
  }
}
