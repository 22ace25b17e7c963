// A new account with its first device: keys made here, written here, then shown to the server.

import { assert, bytes } from "@nodoor/bytes"
import { type DeviceClass, genesisState, isHandle, signAccountState, signHandleBinding, verifyAccountState } from "@nodoor/keylog"
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
import type { OwnDevice } from "../core/own-device.ts"
import { activateDevice, deleteDevice, findOwnDevice, findRegistration, insertDevice } from "../store/device.ts"
import { readerOf } from "../store/reader.ts"
import { deleteAllStates, insertState } from "../store/trust/account-states.ts"
import { type Transaction, Transactions } from "../core/transaction.ts"
import type { Network, Ports } from "../core/ports.ts"
import { Session } from "../core/session.ts"
import { migrate } from "../store/schema.ts"
import { productSuite } from "../core/suite.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import { accountTexts, lookupTexts } from "../texts/en.ts"

/** What a person gives to create an account. */
export interface Registration {
  readonly handle: string
  /** What contacts see, end-to-end encrypted. */
  readonly name: string
  /** Name of the account holder, for the operator's record; the same as `name` unless given. Contacts never see it: it is not stored here. */
  readonly holderName?: string | undefined
  readonly email?: string | undefined
  readonly emailCode?: string | undefined
  readonly invite?: string | undefined
}

/** The account, with the server that gets it and the kind of its first device. */
export interface DeviceRegistration extends Registration {
  readonly serverUrl: string
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
    await ports.network.call(serverUrl, checkInviteRoute, { invite }, { named: true })
  } catch (error) {
    throw asClientError(error)
  }
}

/** Asks the server to send a code to an address. @throws ClientError */
export async function requestEmailCode(ports: { readonly network: Network }, serverUrl: string, email: string): Promise<void> {
  try {
    await ports.network.call(serverUrl, emailCode, { email: checkedEmail(email) }, { named: true })
  } catch (error) {
    throw asClientError(error)
  }
}

/**
 * Registers an account in an empty store. A store whose registration was cut short continues it with what was sent then.
 * @throws ClientError `already_registered`, `invalid_input`, `unreachable`, or the server's refusal; then the store is empty again
 */
export async function registerAccount(ports: Ports, registration: DeviceRegistration): Promise<void> {
  await migrate(ports.database)
  const present = await findOwnDevice(readerOf(ports.database))
  if (present && (present.status === "active" || present.status === "ended"))
    throw new ClientError("already_registered", accountTexts.alreadyRegistered)
  if (present?.status !== "registering" || present.handle !== registration.handle || present.serverUrl !== registration.serverUrl)
    await prepare(ports, registration)
  await completeRegistration(ports)
}

/** Sends the stored registration. The server may have taken it already: then the device's session proves it. @throws ClientError */
export async function completeRegistration(ports: Ports): Promise<void> {
  const own = await findOwnDevice(readerOf(ports.database))
  const registration = await findRegistration(readerOf(ports.database))
  assert(own !== undefined && registration !== undefined, "a prepared registration")
  try {
    await ports.network.call(own.serverUrl, register, decodeMessage(register.request, registration, register.maxRequestBytes), {
      named: true,
    })
  } catch (error) {
    const taken =
      error instanceof WireError && (error.code === "handle_taken" || error.code === "account_exists") && (await isRegistered(ports, own))
    if (!taken) {
      if (error instanceof WireError && error.code !== "unavailable" && error.code !== "internal" && error.code !== "rate_limited")
        await forget(ports)
      throw asClientError(error)
    }
  }
  await new Transactions(ports.database).run(async (tx) => activateDevice(tx))
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
  await new Transactions(ports.database).run(async (tx) => empty(tx))
}

async function prepare(ports: Ports, registration: DeviceRegistration): Promise<void> {
  const { serverUrl, handle, name, deviceClass } = registration
  if (!isHandle(handle)) throw new ClientError("invalid_input", lookupTexts.notAHandle)
  const shown = checkedName(name, textLimits.nameCharacters)
  const holder = checkedName(registration.holderName ?? name, textLimits.nameCharacters)
  const email = registration.email === undefined ? undefined : checkedEmail(registration.email)
  const server = await serverInfo(ports, serverUrl)
  const accountId = bytes<"AccountId">(ports.random(idBytes))
  const deviceId = bytes<"DeviceId">(ports.random(idBytes))
  const env = { crypto: ports.crypto, timeMs: ports.clock.nowMs() }
  const signer = generateSigner(env, { suite: productSuite, identity: encodeIdentity({ origin: server.origin, accountId, deviceId }) })
  const recovery = generateSigner(env, { suite: productSuite, identity: new Uint8Array() })
  const device = { deviceId, deviceClass, signatureKey: signer.publicKey }
  const state = genesisState({ origin: server.origin, accountId, device, recoveryKey: recovery.publicKey })
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
  await new Transactions(ports.database).run(async (tx) => {
    empty(tx)
    insertDevice(tx, {
      serverUrl,
      server,
      accountId,
      deviceId,
      deviceClass,
      handle,
      name: shown,
      registration: encodeMessage(request),
      signatureKey: signer.publicKey,
      signatureSeed: signer.privateKey,
      recoverySeed: recovery.privateKey,
    })
    insertState(tx, verified)
  })
}

/** Whatever an earlier attempt left. */
function empty(tx: Transaction): void {
  deleteDevice(tx)
  deleteAllStates(tx)
}
