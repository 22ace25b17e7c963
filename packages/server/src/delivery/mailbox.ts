// A device's own mailbox over plain requests: for programs that do not keep a stream open.

import { ackMailbox, limits, readMailbox } from "@nodoor/wire"
import type { Store } from "../store/store.ts"
import { encodeMailboxAnswer } from "../stream/frame.ts"
import { type Handler, EncodedAnswer, deviceRoute } from "../route/handler.ts"

export function mailboxRoutes({ store }: { readonly store: Pick<Store, "readMailbox" | "ack"> }): Handler[] {
  return [
    deviceRoute(
      readMailbox,
      async ({ after, max }, { deviceId }) =>
        new EncodedAnswer(
          encodeMailboxAnswer(await store.readMailbox({ mailbox: deviceId, after, maxRecords: max, maxBytes: limits.batchBytes })),
        ),
    ),
    deviceRoute(ackMailbox, async ({ seq }, { deviceId }) => {
      await store.ack({ mailbox: deviceId, seq })
      return {}
    }),
  ]
}
