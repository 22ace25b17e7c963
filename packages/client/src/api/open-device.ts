// The ways to an open device: a new account, one that comes back with its recovery key, and a store that has one already.

import { ClientError, asClientError } from "../core/client-error.ts"
import type { Ports } from "../core/ports.ts"
import { completeLinking } from "../link/new-link.ts"
import { findOwnDevice } from "../store/device.ts"
import { readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { accountTexts } from "../texts/en.ts"
import { linkTexts } from "../texts/en-link.ts"
import { completeContacts } from "../trust/name/called.ts"
import { type Recovery, finishRecovery, startOver } from "../trust/recovery/recover-account.ts"
import type { OpenDevice } from "./api.ts"
import { type DeviceRegistration, completeRegistration, registerAccount } from "./registration.ts"
import { RunningDevice } from "./running-device.ts"

/** Registers an account in an empty store and opens its first device. @throws ClientError */
export async function createDevice(ports: Ports, registration: DeviceRegistration): Promise<OpenDevice> {
  try {
    await registerAccount(ports, registration)
  } catch (error) {
    throw asClientError(error)
  }
  return await openDevice(ports)
}

/**
 * Brings an account back onto a device whose store is empty, and opens it. The account's other devices are out of it from then on. Messages come
 * from a backup, if there is one.
 * @throws ClientError `invalid_input` for words that are none, `recovery_words_wrong`, `recovery_impossible`, `not_found`, `log_untrusted`, …
 */
export async function recoverAccount(ports: Ports, recovery: Recovery): Promise<OpenDevice> {
  try {
    await startOver(ports, recovery)
  } catch (error) {
    throw asClientError(error)
  }
  return await openDevice(ports)
}

/** @throws ClientError `not_registered`, `store_newer`, `store_unreadable`, `store_full`, `store_busy`, `store_failing`, `store_damaged` */
export async function openDevice(ports: Ports): Promise<OpenDevice> {
  try {
    return await opened(ports)
  } catch (error) {
    throw asClientError(error)
  }
}

async function opened(ports: Ports): Promise<OpenDevice> {
  await migrate(ports.database)
  await completeContacts(ports.database, ports.crypto)
  let own = await findOwnDevice(readerOf(ports.database))
  if (own?.status === "registering") {
    await completeRegistration(ports)
    own = await findOwnDevice(readerOf(ports.database))
  }
  if (!own) throw new ClientError("not_registered", accountTexts.notRegistered)
  if (own.status === "recovering") {
    await finishRecovery(ports)
    own = { ...own, status: "active" }
  }
  if (own.status === "linking") {
    if (!(await completeLinking(ports, own))) throw new ClientError("link_unfinished", linkTexts.unfinished)
    own = { ...own, status: "active" }
  }
  return await new RunningDevice(ports, own).open()
}
