// A new account with its first device: keys made here, written here, then shown to the server.

import { assert, bytes } from "@nodoor/bytes"
import {
  type AccountState,
  type DeviceClass,
  ed25519SignatureScheme,
  isHandle,
  signAccountState,
  signHandleBinding,
  verifyAccountState,
  encodeVerifiedAccountState,
} from "@nodoor/keylog"
import { generateSigner } from "@nodoor/mls"
import {
  type RegisterRequest,
  type ServerInfo,
  WireError,
  decodeMessage,
  checkInvite as checkInviteRoute,
  emailAddress,
  emailCode,
  encodeMessage,
  idBytes,
  noEmailText,
  register,
  serverInfo as serverInfoRoute,
} from "@nodoor/wire"
import { ClientError, asClientError } from "../core/client-error.ts"
import { encodeIdentity } from "../core/credential.ts"
import { type OwnDevice, readOwnDevice } from "../core/own-device.ts"
import type { Network, Ports } from "../core/ports.ts"
import { Session } from "../core/session.ts"
import { migrate } from "../store/schema.ts"
import { productSuite } from "../core/suite.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"

export interface Registration {
  readonly serverUrl: string
  readonly handle: string
  /** What contacts see, end-to-end encrypted. */
  readonly name: string
  /** Name of the account holder, for the operator's record; the same as `name` unless given. Contacts never see it: it is not stored here. */
  readonly holderName?: string | undefined
  readonly email?: string | undefined
  readonly emailCode?: string | undefined
  readonly invite?: string | undefined
  readonly deviceClass: DeviceClass
}

/** What a server is like, before there is an account. @throws ClientError */
export async function serverInfo(ports: { readonly network: Network }, serverUrl: string): Promise<ServerInfo> {
  try {
    return await ports.network.call(serverUrl, serverInfoRoute, {})
  } catch (error) {
    throw asClientError(error)
  }
}

/** Asks the server whether an invite lets somebody register now. @throws ClientError `invite_invalid` among others */
export async function checkInvite(ports: { readonly network: Network }, serverUrl: string, invite: string): Promise<void> {
  try {
    await ports.network.call(serverUrl, checkInviteRoute, { invite })
  } catch (error) {
    throw asClientError(error)
  }
}

/** Asks the server to send a code to an address. @throws ClientError */
export async function requestEmailCode(ports: { readonly network: Network }, serverUrl: string, email: string): Promise<void> {
  try {
    await ports.network.call(serverUrl, emailCode, { email: checkedEmail(email) })
  } catch (error) {
    throw asClientError(error)
  }
}

/**
 * Registers an account in an empty store. A store whose registration was cut short continues it with what was sent then.
 * @throws ClientError `already_registered`, `invalid_input`, `unreachable`, or the server's refusal; then the store is empty again
 */
export async function registerAccount(ports: Ports, registration: Registration): Promise<void> {
  await migrate(ports.database)
  const present = await readOwnDevice(ports.database)
  if (present && present.status !== "registering")
    throw new ClientError("already_registered", "There is an account in this store already; a deleted one's messages are erased first.")
  if (!present || present.handle !== registration.handle || present.serverUrl !== registration.serverUrl) await prepare(ports, registration)
  await completeRegistration(ports)
}

/** Sends the stored registration. The server may have taken it already: then the device's session proves it. @throws ClientError */
export async function completeRegistration(ports: Ports): Promise<void> {
  const own = await readOwnDevice(ports.database)
  const [row] = await ports.database.read("SELECT registration FROM device WHERE id = 1")
  assert(own !== undefined && row?.["registration"] instanceof Uint8Array, "a prepared registration")
  try {
    await ports.network.call(own.serverUrl, register, decodeMessage(register.request, row["registration"], register.maxRequestBytes))
  } catch (error) {
    const taken =
      error instanceof WireError && (error.code === "handle_taken" || error.code === "account_exists") && (await isRegistered(ports, own))
    if (!taken) {
      if (error instanceof WireError && error.code !== "unavailable" && error.code !== "internal" && error.code !== "rate_limited")
        await forget(ports)
      throw asClientError(error)
    }
  }
  await ports.database.commit([{ sql: "UPDATE device SET status = 'active', registration = NULL WHERE id = 1", values: [] }])
}

/** @throws ClientError `invalid_input` */
function checkedEmail(email: string): string {
  const address = emailAddress(email)
  if (address === undefined) throw new ClientError("invalid_input", noEmailText)
  return address
}

async function isRegistered(ports: Ports, own: OwnDevice): Promise<boolean> {
  try {
    await new Session(ports, own).token()
    return true
  } catch {
    return false
  }
}

async function forget(ports: Ports): Promise<void> {
  await ports.database.commit([
    { sql: "DELETE FROM device", values: [] },
    { sql: "DELETE FROM account_state", values: [] },
  ])
}

async function prepare(ports: Ports, registration: Registration): Promise<void> {
  const { serverUrl, handle, name, deviceClass } = registration
  if (!isHandle(handle)) throw new ClientError("invalid_input", "A handle has 3 to 32 of a–z, 0–9, dot, dash and underscore.")
  const shown = checkedName(name, textLimits.nameCharacters)
  const holder = checkedName(registration.holderName ?? name, textLimits.nameCharacters)
  const email = registration.email === undefined ? undefined : checkedEmail(registration.email)
  const server = await serverInfo(ports, serverUrl)
  const accountId = bytes<"AccountId">(ports.random(idBytes))
  const deviceId = bytes<"DeviceId">(ports.random(idBytes))
  const env = { crypto: ports.crypto, timeMs: ports.clock.nowMs() }
  const signer = generateSigner(env, { suite: productSuite, identity: encodeIdentity({ origin: server.origin, accountId, deviceId }) })
  const recovery = generateSigner(env, { suite: productSuite, identity: new Uint8Array() })
  const state: AccountState = {
    origin: server.origin,
    accountId,
    version: 0,
    prev: new Uint8Array(32),
    kind: "genesis",
    resetCount: 0,
    lastResetVersion: 0,
    recoveryKey: recovery.publicKey,
    devices: [{ deviceId, deviceClass, signatureScheme: ed25519SignatureScheme, signatureKey: signer.publicKey, addedVersion: 0 }],
  }
  const genesis = signAccountState(ports.crypto, { state, signers: [{ deviceId, privateKey: signer.privateKey }] })
  const verified = verifyAccountState(ports.crypto, { previous: undefined, next: genesis, origin: server.origin, accountId })
  const handleBinding = signHandleBinding(
    ports.crypto,
    { origin: server.origin, handle, accountId, genesisHash: verified.genesisHash, deviceId },
    signer.privateKey,
  )
  const request: RegisterRequest = {
    handle,
    name: holder,
    ...(email !== undefined && { email }),
    ...(registration.emailCode !== undefined && { emailCode: registration.emailCode }),
    ...(registration.invite !== undefined && { invite: registration.invite }),
    genesis,
    handleBinding,
  }
  await ports.database.commit([
    { sql: "DELETE FROM device", values: [] },
    { sql: "DELETE FROM account_state", values: [] },
    {
      sql: `INSERT INTO device (id, status, server_url, server_info, origin, account_id, device_id, device_class, handle, name, registration, signature_key, signature_seed, recovery_seed, cursor)
            VALUES (1, 'registering', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
      values: [
        serverUrl,
        JSON.stringify(server),
        server.origin,
        accountId,
        deviceId,
        deviceClass,
        handle,
        shown,
        encodeMessage(request),
        signer.publicKey,
        signer.privateKey,
        recovery.privateKey,
      ],
    },
    {
      sql: "INSERT INTO account_state (account_id, version, state) VALUES (?, 0, ?)",
      values: [accountId, encodeVerifiedAccountState(verified)],
    },
  ])
}
