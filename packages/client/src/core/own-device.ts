// This device: who it is, where its server is, and its signing key.

import type { AccountId, DeviceClass, DeviceId } from "@nodoor/keylog"
import type { Signer } from "@nodoor/mls"
import type { ServerInfo } from "@nodoor/wire"

export interface OwnDevice {
  /** `ended`: the account was deleted; what is here is only read. */
  readonly status: "registering" | "active" | "ended"
  readonly serverUrl: string
  readonly server: ServerInfo
  readonly origin: string
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly deviceClass: DeviceClass
  readonly handle: string
  readonly signer: Signer
}
