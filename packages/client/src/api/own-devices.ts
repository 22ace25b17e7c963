// The devices of the own account.

import { toHex } from "@nodoor/bytes"
import type { Watch } from "../trust/watch.ts"
import type { DeviceView } from "../view/contact-view.ts"
import type { Views } from "../view/views.ts"

/** The own list, and what the log holds beyond it. */
export async function listOwnDevices({
  views,
  watch,
}: {
  readonly views: Views
  readonly watch: Pick<Watch, "account">
}): Promise<readonly DeviceView[]> {
  const listed = await views.devices()
  const unknown = (await watch.account.unknown()).at(-1)?.state.devices ?? []
  const strange = unknown.filter((device) => !listed.some(({ deviceId }) => deviceId === toHex(device.deviceId)))
  return [
    ...listed,
    ...strange.map(({ deviceId, deviceClass, addedVersion }) => ({
      deviceId: toHex(deviceId),
      deviceClass,
      own: false,
      addedVersion,
      unknown: true,
    })),
  ]
}
