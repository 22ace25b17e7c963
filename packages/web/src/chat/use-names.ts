// Names of the people in a chat, including those who left.

import type { ChatView, Hex, MemberView } from "@nodoor/client"
import { useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { t } from "../text/catalogue.ts"

export interface Names {
  /** The reader's own account. */
  readonly own: Hex
  readonly name: (accountId: Hex) => string
  /** Somebody whom this device knows. */
  readonly person: (accountId: Hex) => { readonly name: string; readonly own: boolean } | undefined
  readonly members: readonly MemberView[] | undefined
}

export function useNames(chat: ChatView): Names {
  const model = useModel()
  const own = model.account.value.accountId
  // Who is in the chat, and with which role, changes with a line of its history.
  const lastEvent = model.conversation.value?.messages.value?.findLast((message) => message.content.type === "event")?.id
  const loaded = useLoad(
    async () => ({ members: await model.device.members(chat.id), contacts: await model.device.contacts() }),
    [chat.id, chat.memberCount, chat.title, lastEvent, model.contactsVersion.value],
  )
  const byId = new Map(
    [...(loaded.value?.contacts ?? []), ...(loaded.value?.members ?? [])].map((person) => [person.accountId, person.name]),
  )
  return {
    own,
    name: (id) => (id === own ? t.chat.you : (byId.get(id) ?? t.chat.someone)),
    person: (id) => {
      const name = id === own ? model.account.value.name : byId.get(id)
      return name === undefined ? undefined : { name, own: id === own }
    },
    members: loaded.value?.members,
  }
}
