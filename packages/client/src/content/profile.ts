// The name that contacts see. It is end-to-end encrypted like everything else.

import { decodeCbor, encodeCbor } from "@nodoor/bytes"
import { likeness, plainName } from "@nodoor/wire"
import { isTooLong, textLimits } from "../core/text-limits.ts"
import { findOwnName } from "../store/device.ts"
import { setProfileDue } from "../store/group/groups.ts"
import { renameContact } from "../store/trust/contacts.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import { dispositions } from "./mimi/content.ts"

export const profile: ContentType<void, never> = {
  name: "profile",
  isSilent: true,
  compose: async (writing) => {
    const { tx, group } = writing
    const name = (await findOwnName(tx)) ?? ""
    setProfileDue(tx, group.groupId, 0)
    const part = singlePart(mimeTypes.profile, encodeCbor({ name }), dispositions.profile)
    return await writing.queue({ part }, { introduces: true })
  },
  accepts: ({ part }) => contentOf(part, mimeTypes.profile) !== undefined,
  receive: ({ tx, chat, sender, isOwn, part }) => {
    const name = profileName(contentOf(part, mimeTypes.profile) ?? new Uint8Array())
    if (isOwn || name === undefined) return
    renameContact(tx, sender.accountId, { name, alike: likeness(name) })
    tx.contactChanged(sender.accountId)
    tx.chatChanged(chat.chatId)
  },
}

function profileName(encoded: Uint8Array): string | undefined {
  try {
    const value = decodeCbor(encoded, { maxBytes: 1024 }) as { readonly [key: string]: unknown }
    const sent = value["name"]
    if (typeof sent !== "string" || /\p{Cc}/u.test(sent)) return undefined
    const name = plainName(sent)
    return name !== "" && !isTooLong(name, textLimits.nameCharacters) ? name : undefined
  } catch {
    return undefined
  }
}
