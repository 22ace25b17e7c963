// An introduction to a group that travels inside a chat of two or the group of the own devices, where the KeyPackage that it is sealed to came from (docs/protocol.md,
// "Introductions").

import { introductionBytes } from "@nodoor/wire"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"

export const introduction: ContentType<{ readonly sealed: Uint8Array }, never> = {
  name: "introduction",
  isSilent: true,
  compose: async (writing, { sealed }) => await writing.queue({ part: singlePart(mimeTypes.introduction, sealed) }),
  accepts: ({ part }) => contentOf(part, mimeTypes.introduction) !== undefined,
  /** It is opened and checked when it is taken. Only those in chats of two and of own devices count: nobody else was left a KeyPackage. */
  receive: ({ group, isOwn, part, introduced }) => {
    const sealed = contentOf(part, mimeTypes.introduction)
    const counts = isOwn ? group.policy.kind === "self" : group.policy.kind === "dm"
    if (counts && sealed?.length === introductionBytes) introduced(sealed)
  },
}
