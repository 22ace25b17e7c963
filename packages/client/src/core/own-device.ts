// This device as stored: who it is, where its server is, and its signing key.

import { bytes } from "@nodoor/bytes"
import type { AccountId, DeviceClass, DeviceId } from "@nodoor/keylog"
import type { Signer } from "@nodoor/mls"
import type { ServerInfo } from "@nodoor/wire"
import { encodeIdentity } from "./credential.ts"
import type { Database, Row } from "./ports.ts"

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

export async function readOwnDevice(database: Database): Promise<OwnDevice | undefined> {
  const [row] = await database.read("SELECT * FROM device WHERE id = 1")
  return row && fromRow(row)
}

function fromRow(row: Row): OwnDevice {
  const origin = String(row["origin"])
  const accountId = bytes<"AccountId">(row["account_id"] as Uint8Array)
  const deviceId = bytes<"DeviceId">(row["device_id"] as Uint8Array)
  return {
    status: row["status"] as OwnDevice["status"],
    serverUrl: String(row["server_url"]),
    server: JSON.parse(String(row["server_info"])) as ServerInfo,
    origin,
    accountId,
    deviceId,
    deviceClass: row["device_class"] as DeviceClass,
    handle: String(row["handle"]),
    signer: {
      identity: encodeIdentity({ origin, accountId, deviceId }),
      publicKey: row["signature_key"] as Uint8Array,
      privateKey: row["signature_seed"] as Uint8Array,
    },
  }
}
