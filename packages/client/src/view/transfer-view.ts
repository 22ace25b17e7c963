// How far a photo or a file is on its way to the server or from it. Told while it moves; nothing of it is stored.

import type { Hex } from "../core/hex.ts"

export interface TransferView {
  readonly chatId: Hex
  readonly messageId: Hex
  readonly direction: "up" | "down"
  /** `stopped`: the person stopped it, it failed, or the connection is gone; it goes on from there. */
  readonly state: "running" | "done" | "stopped"
  readonly doneBytes: number
  readonly totalBytes: number
}
