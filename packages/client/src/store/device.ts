// This device and its account: table `device`, one row.

import { bytes } from "@nodoor/bytes"
import type { AccountId, DeviceClass, DeviceId } from "@nodoor/keylog"
import type { ServerInfo } from "@nodoor/wire"
import { encodeIdentity } from "../core/credential.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Row } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import { type Reader, optionalBytes } from "./reader.ts"

export async function findOwnDevice(reader: Reader): Promise<OwnDevice | undefined> {
  const [row] = await reader.read("SELECT * FROM device WHERE id = 1")
  return row && deviceFromRow(row)
}

export interface NewDevice {
  readonly serverUrl: string
  readonly server: ServerInfo
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly deviceClass: DeviceClass
  readonly handle: string
  readonly name: string
  /** The request that registers the account, kept until the server has taken it. */
  readonly registration: Uint8Array
  readonly signatureKey: Uint8Array
  readonly signatureSeed: Uint8Array
  readonly recoverySeed: Uint8Array
}

/** The device while its registration is on its way. */
export function insertDevice(tx: Transaction, device: NewDevice): void {
  insert(tx, "registering", device)
}

/** A device whose account another device has handed over, until the account lists it. */
export function insertLinkingDevice(
  tx: Transaction,
  device: Omit<NewDevice, "registration" | "recoverySeed"> & { readonly recoverySeed: Uint8Array | undefined },
): void {
  deleteDevice(tx)
  insert(tx, "linking", { ...device, registration: undefined })
}

/** A device that starts an account over, until the log shows the reset that lists it. */
export function insertRecoveringDevice(
  tx: Transaction,
  device: Omit<NewDevice, "registration"> & {
    /** The signed reset. */
    readonly reset: Uint8Array
  },
): void {
  insert(tx, "recovering", { ...device, registration: device.reset })
}

function insert(
  tx: Transaction,
  status: OwnDevice["status"],
  device: Omit<NewDevice, "registration" | "recoverySeed"> & {
    readonly registration: Uint8Array | undefined
    readonly recoverySeed: Uint8Array | undefined
  },
): void {
  tx.write(
    `INSERT INTO device (id, status, server_url, server_info, origin, account_id, device_id, device_class, handle, name, registration, signature_key, signature_seed, recovery_seed)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    status,
    device.serverUrl,
    JSON.stringify(device.server),
    device.server.origin,
    device.accountId,
    device.deviceId,
    device.deviceClass,
    device.handle,
    device.name,
    device.registration ?? null,
    device.signatureKey,
    device.signatureSeed,
    device.recoverySeed ?? null,
  )
}

export function deleteDevice(tx: Transaction): void {
  tx.write("DELETE FROM device")
}

/** The register request, or the reset, that the server has not answered yet. */
export async function findRegistration(reader: Reader): Promise<Uint8Array | undefined> {
  const [row] = await reader.read("SELECT registration FROM device WHERE id = 1")
  return optionalBytes(row?.["registration"])
}

/** The server has taken the registration, or the account lists the device. */
export function activateDevice(tx: Transaction): void {
  tx.write("UPDATE device SET status = 'active', registration = NULL WHERE id = 1")
}

/** The account has ended: no secret stays. */
export function endDevice(tx: Transaction): void {
  tx.write(
    "UPDATE device SET status = 'ended', registration = NULL, signature_seed = zeroblob(0), recovery_seed = NULL, recovery_update = NULL",
  )
}

export async function hasDeviceEnded(reader: Reader): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM device WHERE status = 'ended'")).length > 0
}

/** The own name, as contacts see it. */
export async function findOwnName(reader: Reader): Promise<string | undefined> {
  const [row] = await reader.read("SELECT name FROM device WHERE id = 1")
  return row && String(row["name"])
}

export function renameOwnAccount(tx: Transaction, name: string): void {
  tx.write("UPDATE device SET name = ? WHERE id = 1", name)
}

/** Where the server's streams are now. */
export async function setServerHosts(tx: Transaction, hosts: Pick<ServerInfo, "readHost" | "postHost">): Promise<void> {
  const [row] = await tx.read("SELECT server_info FROM device WHERE id = 1")
  if (row === undefined) return
  const { readHost: _, postHost: __, ...rest } = JSON.parse(String(row["server_info"])) as ServerInfo
  tx.write("UPDATE device SET server_info = ? WHERE id = 1", JSON.stringify({ ...rest, ...hosts }))
}

function deviceFromRow(row: Row): OwnDevice {
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
