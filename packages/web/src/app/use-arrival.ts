// A link of a person opens the chat with them, also after the account that it led to has been made.

import { useEffect } from "preact/hooks"
import { useApp, useModel } from "./context.ts"

export function useArrival(): void {
  const { arrival, router } = useApp()
  const model = useModel()
  useEffect(() => {
    const { handle, invite } = arrival.peek()
    arrival.value = { invite: undefined, handle: undefined }
    if (handle === undefined) {
      if (invite !== undefined && model.chats.peek() !== undefined) model.notify("You already have an account here.")
      return
    }
    if (handle === model.account.peek().handle) {
      model.notify("This is the link to yourself. Give it to others.")
      return
    }
    void model.attempt(`The chat with @${handle} could not be opened.`, async () => {
      const contact = await model.device.findContact(handle)
      const chat = await model.device.openChat(contact.accountId)
      router.go({ at: "chat", chatId: chat.id, sheet: undefined }, { replace: true })
    })
  }, [])
}
