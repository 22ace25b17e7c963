// This device: who it is, where its server is, and its signing key.

import type { AccountId, DeviceClass, DeviceId } from "@nodoor/keylog"
import type { Signer } from "@nodoor/mls"
import type { ServerInfo } from "@nodoor/wire"
import type { StreamKind } from "./ports.ts"

export interface OwnDevice {
  /** `linking`: its account does not list it yet. `recovering`: the log does not show the reset that lists it yet. `ended`: the account was deleted; what is here is only read. */
  readonly status: "registering" | "linking" | "recovering" | "active" | "ended"
  readonly serverUrl: string
  readonly server: ServerInfo
  readonly origin: string
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly deviceClass: DeviceClass
  readonly handle: string
  readonly signer: Signer
}

/** Address of the host that serves a kind of streams: a name of its own if the operator gave it one, else the server's. */
export function streamUrl(
  { serverUrl, server }: Pick<OwnDevice, "serverUrl"> & { readonly server: Pick<ServerInfo, "readHost" | "postHost"> },
  kind: StreamKind,
): string {
  const host = kind === "reading" ? server.readHost : server.postHost
  const url = `${new URL(serverUrl).protocol}//${host}`
  return host && URL.canParse(url) ? url : serverUrl
}
