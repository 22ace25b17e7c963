// KeyPackages: a stock at the server lets others add this device while it is offline. The stock is compared with what was uploaded.

import { compare, concat, equal } from "@nodoor/bytes"
import { type CryptoProvider, type Environment, type Random, generateKeyPackage } from "@nodoor/mls"
import { keyPackageDigest, uploadKeyPackages } from "@nodoor/wire"
import { raiseAlarm, wasRaised } from "../../store/trust/alarms.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Session } from "../../core/session.ts"
import { applicationTypes } from "../seat/seat-list.ts"
import { keyPackageTexts } from "../../texts/en.ts"
import { productSuite } from "../../core/suite.ts"
import { deleteKeyPackages, insertKeyPackage, listPending, listUploaded, readStock, setUploaded } from "../../store/group/key-packages.ts"
import { hasDeviceEnded } from "../../store/device.ts"
import { readerOf } from "../../store/reader.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"

/** Enough for about a month of first contacts. It is refilled when half is used. Each costs two key generations and 2.7 kB. */
const stock = 40
const refillBelow = 20
/** KeyPackages are refreshed by use; one that nobody took lives this long (RFC 9420 §7.2). */
export const lifetimeS: number = 90 * 86_400
/** They are valid for peers whose clock is up to a month behind this device's. One of the clocks may be wrong, and this harms nobody. */
export const earlierS: number = 31 * 86_400
/** A last-resort KeyPackage is never used up: a new one takes its place while the old one is still good. */
const renewAfterMs = 60 * 86_400_000
/** A KeyPackage may have been used at its end, and the introduction may wait this long. Then its secret is erased. */
const keepAfterEndMs = 30 * 86_400_000
const uploadMax = 100
const differCode = "key_packages_differ"
const toldEveryMs = 86_400_000

/** What making them takes. */
export interface MakingParts {
  readonly own: Pick<OwnDevice, "signer">
  readonly states: { environment(): Environment }
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly clock: Clock
}

export interface KeyPackageParts extends MakingParts {
  readonly session: Pick<Session, "call">
  readonly transactions: Transactions
  readonly random: Random
}

/** Refills the server's stock. Not inside a transaction. @throws WireError, NetworkError: the next call continues where this one ended */
export async function replenishKeyPackages(parts: KeyPackageParts): Promise<void> {
  const { session, transactions, clock } = parts
  await uploadPending(parts)
  const held = await session.call(keyPackageDigest, {})
  const told = { code: differCode, afterMs: clock.nowMs() - toldEveryMs }
  const isTold = await wasRaised(readerOf(transactions.database), told)
  if (!isTold && !(await holdsOurs(parts, held))) return await replaceAll(parts)
  const count = held.oneTimeCount >= refillBelow ? 0 : stock - held.oneTimeCount
  await transactions.run(async (tx) => {
    await makeKeyPackages(parts, tx, count)
  })
  await uploadPending(parts)
}

/**
 * A server that was started anew or put back to an older state, or that had an upload twice, holds what it held once. It is given others in the
 * place of all that it has. One that does not hold those, either, is told of.
 */
async function replaceAll(parts: KeyPackageParts): Promise<void> {
  const { session, transactions, clock, random } = parts
  await transactions.run(async (tx) => {
    await makeKeyPackages(parts, tx, stock, { withLastResort: true })
  })
  await uploadPending(parts, { replace: true })
  if (await holdsOurs(parts, await session.call(keyPackageDigest, {}))) return
  await transactions.run(async (tx) => {
    raiseAlarm(tx, random, { level: "warn", code: differCode, text: keyPackageTexts.differ, atMs: clock.nowMs() })
  })
}

/**
 * Makes KeyPackages and stores their secrets before anything is sent. Adds a last-resort one if there is none or it is 60 days old.
 */
export async function makeKeyPackages(
  parts: MakingParts,
  tx: Transaction,
  count: number,
  options: { readonly withLastResort?: boolean } = {},
): Promise<void> {
  // The account may have been deleted during the request. Then nobody should find this device.
  if (await hasDeviceEnded(tx)) return
  const nowMs = parts.clock.nowMs()
  // One that was made with a wrong clock is not valid for anybody yet.
  const { lastSerial, lastResorts } = await readStock(tx, { afterMs: nowMs - renewAfterMs, untilMs: nowMs + earlierS * 1000 })
  let serial = lastSerial
  const withLastResort = options.withLastResort === true || lastResorts === 0
  // Nobody can be introduced with one this old. The server is compared with the newest.
  if (lastResorts > 0) deleteKeyPackages(tx, { createdBeforeMs: nowMs - lifetimeS * 1000 - keepAfterEndMs })
  for (let i = 0; i < count + (withLastResort ? 1 : 0); i++) {
    const lastResort = i === count
    const made = generateKeyPackage(parts.states.environment(), {
      suite: productSuite,
      signer: parts.own.signer,
      lifetimeS,
      earlierS,
      lastResort,
      ...applicationTypes,
    })
    const { ref, secret, message } = made
    insertKeyPackage(tx, { ref, secret, message, hash: parts.crypto.sha256(message), lastResort, serial: ++serial, createdMs: nowMs })
  }
}

async function uploadPending(parts: KeyPackageParts, { replace = false }: { readonly replace?: boolean } = {}): Promise<void> {
  const { session, transactions } = parts
  const pending = await listPending(readerOf(transactions.database), uploadMax)
  if (pending.length === 0) return
  const oneTime = pending.filter(({ lastResort: last }) => !last).map(({ message }) => message)
  const lastResort = pending.findLast(({ lastResort: last }) => last)?.message
  await session.call(uploadKeyPackages, { oneTime, ...(lastResort && { lastResort }), ...(replace && { replace }) })
  await transactions.run(async (tx) => {
    for (const { ref } of pending) setUploaded(tx, ref)
  })
}

/**
 * The server gives KeyPackages out oldest first, so it must still hold the newest ones. Anything else means that it replaced or removed
 * some. That deceives nobody, because this device signed them, but it can keep people from writing.
 */
async function holdsOurs(
  { crypto, transactions }: Pick<KeyPackageParts, "crypto" | "transactions">,
  held: { readonly oneTimeCount: number; readonly digest: Uint8Array },
): Promise<boolean> {
  const uploaded = await listUploaded(readerOf(transactions.database))
  const oneTime = uploaded.filter((own) => !own.lastResort).map(({ hash }) => hash)
  const lastResort = uploaded.filter((own) => own.lastResort).map(({ hash }) => hash)
  const expected = crypto.sha256(concat(...oneTime.slice(0, held.oneTimeCount).toSorted(compare), ...lastResort.slice(0, 1)))
  return held.oneTimeCount <= oneTime.length && equal(expected, held.digest)
}
