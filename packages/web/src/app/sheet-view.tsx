import type { Hex } from "@nodoor/client"
import type { JSX } from "preact"
import { ContactSheet } from "../contact/contact-sheet.tsx"
import { GroupSheet } from "../group/group-sheet.tsx"
import { MessageSheet } from "../chat/message-sheet.tsx"
import { useModel } from "./context.ts"
import type { Sheet } from "./route.ts"

/** What stands beside the conversation. The info of a chat of two is the other person. */
export function SheetView(props: { readonly chatId: Hex; readonly sheet: Sheet }): JSX.Element | null {
  const chat = useModel().chats.value?.get(props.chatId)
  if (chat === undefined) return null
  const { sheet } = props
  if (sheet.type === "message") return <MessageSheet chat={chat} messageId={sheet.messageId} />
  if (sheet.type === "contact") return <ContactSheet chat={chat} accountId={sheet.accountId} />
  if (chat.kind === "dm" && chat.peer !== undefined) return <ContactSheet chat={chat} accountId={chat.peer.accountId} />
  return <GroupSheet chat={chat} />
}
