// Sends a message exactly once, also when the tab that owns the device closes in the middle.

import type { Device, Hex } from "@nodoor/client"
import { HostError } from "../host/host.ts"
import { pageSize } from "./conversation.ts"

/**
 * `known`: ids of the chat's newest messages before. A call that was under way when the owner went has either been written to the store,
 * which the next owner opens, or not at all: so the store is asked before it is sent again.
 */
export async function sendOnce(
  device: Pick<Device, "send" | "messages">,
  chatId: Hex,
  message: { readonly text: string; readonly inReplyTo?: Hex },
  known: ReadonlySet<Hex>,
): Promise<void> {
  for (;;) {
    try {
      await device.send(chatId, message)
      return
    } catch (error) {
      if (!(error instanceof HostError) || error.code !== "changed_tabs") throw error
    }
    const { messages } = await device.messages(chatId, { limit: pageSize })
    const written = messages.some(
      (one) => one.sender.own && !known.has(one.id) && one.content.type === "text" && one.content.markdown === message.text,
    )
    if (written) return
  }
}
