// A device that was let in asks another own device for the history: what was handed over before is gone, or never came.

import { equal } from "@nodoor/bytes"
import type { DeviceId } from "@nodoor/keylog"
import { insertHistoryDue } from "../store/history-transfer.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"

export const historyRequest: ContentType<{ readonly deviceId: DeviceId }, never> = {
  name: "history-request",
  isSilent: true,
  /** `deviceId`: of the device that is asked. */
  compose: async (writing, { deviceId }) => await writing.queue({ part: singlePart(mimeTypes.historyRequest, deviceId) }),
  accepts: ({ part }) => contentOf(part, mimeTypes.historyRequest) !== undefined,
  /** Whether the account lists the device still is looked at before anything is handed over. */
  receive: ({ tx, group, sender, isOwn, part, ownDeviceId, historyWanted }) => {
    const asked = contentOf(part, mimeTypes.historyRequest)
    if (!isOwn || group.policy.kind !== "self" || !asked || !equal(asked, ownDeviceId)) return
    insertHistoryDue(tx, sender.deviceId)
    historyWanted()
  },
}
