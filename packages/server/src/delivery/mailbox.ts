// A device's own mailbox over plain requests: for programs that do not keep a stream open.

import { ackMailbox, limits, readMailbox } from "@nodoor/wire"
import type { Store } from "../store/store.ts"
import { encodeMailboxAnswer } from "../stream/frame.ts"
import { type Door, EncodedAnswer, deviceDoor } from "./door.ts"

export function mailboxDoors({ store }: { readonly store: Pick<Store, "readMailbox" | "ack"> }): Door[] {
  return [
    deviceDoor(
      readMailbox,
      async ({ after, max }, { deviceId }) =>
        new EncodedAnswer(
          encodeMailboxAnswer(await store.readMailbox({ mailbox: deviceId, after, maxRecords: max, maxBytes: limits.batchBytes })),
        ),
    ),
    deviceDoor(ackMailbox, async ({ seq }, { deviceId }) => {
      await store.ack({ mailbox: deviceId, seq })
      return {}
    }),
  ]
}
