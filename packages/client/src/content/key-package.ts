// A spare KeyPackage: who shares a chat of two with this device can add it to a group without asking the account service (docs/protocol.md,
// "Introductions"). One is left with each peer, and another when it was used.

import { limits } from "@nodoor/wire"
import { replaceSpare } from "../store/group/spare-key-packages.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"

export const keyPackage: ContentType<{ readonly message: Uint8Array }, never> = {
  name: "key-package",
  isSilent: true,
  compose: async (writing, { message }) => await writing.queue({ part: singlePart(mimeTypes.keyPackage, message) }),
  accepts: ({ part }) => contentOf(part, mimeTypes.keyPackage) !== undefined,
  /** Whether it is the device's own, and good, is checked when it is used, as for every claimed one. */
  receive: ({ tx, group, sender, isOwn, part, receivedMs }) => {
    const message = contentOf(part, mimeTypes.keyPackage) ?? new Uint8Array()
    if (isOwn || group.policy.kind !== "dm" || message.length === 0 || message.length > limits.keyPackageBytes) return
    const { accountId, deviceId } = sender
    replaceSpare(tx, { accountId, deviceId, groupId: group.groupId, keyPackage: message, arrivedMs: receivedMs })
  },
}
