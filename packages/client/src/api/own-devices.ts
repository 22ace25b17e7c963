// The devices of the own account.

import { fromHex, toHex } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import type { Hex } from "../core/hex.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import type { Transactions } from "../core/transaction.ts"
import { type SyncNotes, syncKeys } from "../store/sync/sync-entry.ts"
import { deviceTexts } from "../texts/en.ts"
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

/** The name is the account's own: its devices know it, and nobody else. @throws ClientError `not_found`, `invalid_input` */
export async function renameOwnDevice(
  { views, transactions, sync }: { readonly views: Views; readonly transactions: Pick<Transactions, "run">; readonly sync: SyncNotes },
  deviceId: Hex,
  name: string,
): Promise<void> {
  const checked = checkedName(name, textLimits.nameCharacters)
  if (!(await views.devices()).some((device) => device.deviceId === deviceId)) throw new ClientError("not_found", deviceTexts.notListed)
  await transactions.run((tx) => sync.synced(tx, syncKeys.deviceName(fromHex(deviceId)), checked))
}
