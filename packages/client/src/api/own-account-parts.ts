// What keeps the devices of one account alike: they are let into each other's chats, are linked with what was said before, and have backups.

import { bytes } from "@nodoor/bytes"
import { Backups } from "../archive/backup/backups.ts"
import { RestoredGroups } from "../archive/restored-groups.ts"
import { compose } from "../content/compose.ts"
import { history } from "../content/history.ts"
import { historyRequest } from "../content/history-request.ts"
import { ownKeyPackages } from "../content/own-key-packages.ts"
import type { Ports } from "../core/ports.ts"
import { OwnDevices } from "../group/own-devices/own-devices.ts"
import { HistoryGiving } from "../link/history-giving.ts"
import { HistoryTaking } from "../link/history-taking.ts"
import { OldLink } from "../link/old-link.ts"
import type { RejoinAsking } from "../sending/rejoin/rejoin-asking.ts"
import type { ClientEvent } from "../view/event.ts"
import type { SharedParts } from "./shared-parts.ts"

export interface OwnAccountParts {
  readonly ownDevices: OwnDevices
  readonly link: OldLink
  readonly giving: HistoryGiving
  readonly taking: HistoryTaking
  readonly restored: RestoredGroups
  readonly backups: Backups
}

export function ownAccountParts(
  shared: SharedParts,
  more: { readonly asking: RejoinAsking; readonly bucket: Ports["bucket"]; readonly emit: (event: ClientEvent) => void },
): OwnAccountParts {
  const { watch, sync } = shared
  const { asking, bucket, emit } = more
  const ownDevices = new OwnDevices({
    ...shared,
    leave: (tx, group, input) => compose(shared, tx, group, { type: ownKeyPackages, input }),
    progress: (groups) => link.progress({ groups }),
  })
  const link: OldLink = new OldLink({
    ...shared,
    account: watch.account,
    deviceAdded: () => {
      watch.now()
      ownDevices.look()
      giving.due()
    },
    show: (shown) => emit({ type: "link", link: shown }),
  })
  const giving = new HistoryGiving({
    ...shared,
    tell: (tx, group, { deviceId, ...part }) =>
      compose(shared, tx, group, { type: history, input: { ...part, deviceId: bytes<"DeviceId">(deviceId) } }),
    progress: (given) => link.progress({ history: given }),
  })
  const taking = new HistoryTaking({
    ...shared,
    ask: (tx, group, deviceId) => compose(shared, tx, group, { type: historyRequest, input: { deviceId } }),
    show: (shown) => emit({ type: "link", link: shown }),
  })
  const restored = new RestoredGroups({ ...shared, asking, known: () => watch.account.known() })
  const backups = new Backups({
    ...shared,
    bucket,
    sync: (tx, entries) => sync.takeArchived(tx, entries),
    chatsAreHere: () => {
      ownDevices.look()
      restored.look()
    },
    show: (backup) => emit({ type: "backup", backup }),
  })
  return { ownDevices, link, giving, taking, restored, backups }
}
