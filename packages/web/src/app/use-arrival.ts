// A person's link opens the chat with them, also when an account had to be created first.

import { useEffect } from "preact/hooks"
import { useApp, useModel } from "./context.ts"
import { t } from "../text/catalogue.ts"

export function useArrival(): void {
  const { arrival, router } = useApp()
  const model = useModel()
  useEffect(() => {
    const { handle, invite, link } = arrival.peek()
    arrival.value = { invite: undefined, handle: undefined, link }
    if (link !== undefined) {
      router.go({ at: "settings", section: "devices", page: "link" }, { replace: true })
      return
    }
    if (handle === undefined) {
      if (invite !== undefined && model.chats.peek() !== undefined) model.notify(t.app.arrival.hasAccount)
      return
    }
    if (handle === model.account.peek().handle) {
      model.notify(t.app.arrival.ownLink)
      return
    }
    void model.attempt(t.app.arrival.notOpened(handle), async () => {
      const contact = await model.device.findContact(handle)
      const chat = await model.device.openChat(contact.accountId)
      router.go({ at: "chat", chatId: chat.id, sheet: undefined }, { replace: true })
    })
  }, [])
}
