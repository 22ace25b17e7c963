// The place of a photo or a file in a chat, and of a photo over the whole window. Their code is loaded with the first one; until then the place is as
// large as it will be.

import type { ChatView, FileContent, MessageView } from "@nodoor/client"
import type { JSX } from "preact"
import box from "./picture-box.module.css"
import { pictureBox } from "./picture-box.ts"
import type { Conversation } from "../model/conversation.ts"
import { later } from "../part/later.tsx"

export interface MessageFileProps {
  readonly chat: ChatView
  readonly conversation: Conversation
  readonly message: MessageView
  readonly content: FileContent
}

export const MessageFile = later<MessageFileProps>(async () => (await import("./message-file.tsx")).MessageFile, Empty)

function Empty({ content: { preview, name } }: MessageFileProps): JSX.Element {
  return preview === undefined ? (
    <div class={box.row}>
      <bdi>{name}</bdi>
    </div>
  ) : (
    <div class={box.framed} style={pictureBox(preview.width, preview.height)}>
      <div class={box.picture} />
    </div>
  )
}

export const Viewer = later<{ readonly chat: ChatView; readonly conversation: Conversation }>(
  async () => (await import("./viewer.tsx")).Viewer,
)
