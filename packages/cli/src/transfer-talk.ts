// How far a photo or a file is, on standard error.

import type { Device } from "@nodoor/client"
import { sizeText } from "./file-content.ts"
import type { Terminal } from "./terminal.ts"

const everyMs = 1_000

/** At most once a second. Returns what ends it. */
export function tellTransfer(terminal: Terminal, device: Pick<Device, "subscribe">, direction: "up" | "down"): () => void {
  let nextMs = performance.now() + everyMs
  return device.subscribe((event) => {
    if (event.type !== "transfer" || event.transfer.direction !== direction || event.transfer.state !== "running") return
    if (performance.now() < nextMs) return
    nextMs = performance.now() + everyMs
    const { doneBytes, totalBytes } = event.transfer
    terminal.talk(`${sizeText(doneBytes)} of ${sizeText(totalBytes)} ${direction === "up" ? "sent" : "received"}`)
  })
}
