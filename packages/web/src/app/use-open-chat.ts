// Opening a chat that must be found or made first. The conversation beside it is out of sight meanwhile: nobody shall write to one person what
// is meant for the next.

import type { ChatView } from "@nodoor/client"
import { useApp, useModel } from "./context.ts"

/** @throws what `find` throws */
export function useOpenChat(): (find: () => Promise<ChatView>) => Promise<void> {
  const { router } = useApp()
  const { opening } = useModel()
  return async (find) => {
    opening.value = true
    try {
      const chat = await find()
      router.go({ at: "chat", chatId: chat.id, sheet: undefined })
    } finally {
      opening.value = false
    }
  }
}
