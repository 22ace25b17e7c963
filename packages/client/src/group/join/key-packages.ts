// KeyPackages: kept in stock at the server so that others can add this device while it is away, and compared with what was uploaded.

import { compare, concat, equal } from "@nodoor/bytes"
import { generateKeyPackage } from "@nodoor/mls"
import { keyPackageDigest, uploadKeyPackages } from "@nodoor/wire"
import { raiseAlarm } from "../../store/trust/alarms.ts"
import type { Kernel } from "../../core/kernel.ts"
import { policyExtensionType } from "../../core/policy.ts"
import { productSuite } from "../../core/suite.ts"
import type { Transaction } from "../../core/transaction.ts"

/** About a month of first contacts; refilled when half is used. Each costs two key generations and 2.7 kB. */
const stock = 40
const refillBelow = 20
/** KeyPackages are refreshed by use; one that nobody took lives this long (RFC 9420 §7.2). */
const lifetimeS = 90 * 86_400
/** They are good for peers whose clock is as much as a month behind this device's: one of the two may be wrong, and nobody is hurt by it. */
const earlierS = 31 * 86_400
/** A last-resort KeyPackage is never used up: a new one takes its place while the old one is still good. */
const renewAfterMs = 60 * 86_400_000
/** A Welcome for a KeyPackage of the last resort may wait this long in a mailbox after its end; then its secret goes. */
const keepAfterEndMs = 30 * 86_400_000

/** Brings the server's stock up. Not inside a turn. @throws WireError, NetworkError: the next call continues where this one ended */
export async function replenishKeyPackages(kernel: Kernel): Promise<void> {
  const { session, transactions } = kernel
  await uploadPending(kernel)
  const { oneTimeCount, digest } = await session.call(keyPackageDigest, {})
  await compareDigest(kernel, { oneTimeCount, digest })
  const count = oneTimeCount >= refillBelow ? 0 : stock - oneTimeCount
  await transactions.run(async (tx) => {
    await makeKeyPackages(kernel, tx, count)
  })
  await uploadPending(kernel)
}

/**
 * Makes KeyPackages and stores their secrets before anything of them is sent. With them comes a last-resort one when there is none yet, or it
 * is 60 days old.
 */
export async function makeKeyPackages(
  kernel: Pick<Kernel, "states" | "own" | "crypto" | "clock">,
  tx: Transaction,
  count: number,
): Promise<void> {
  // The account may have ended while the server was asked: then nobody is to find this device any more.
  if ((await tx.read("SELECT 1 AS one FROM device WHERE status = 'ended'")).length > 0) return
  const nowMs = kernel.clock.nowMs()
  const [row] = await tx.read(
    "SELECT COALESCE(MAX(serial), 0) AS serial, COUNT(CASE WHEN last_resort = 1 AND created_ms > ? AND created_ms <= ? THEN 1 END) AS last_resorts FROM key_package",
    nowMs - renewAfterMs,
    nowMs + earlierS * 1000, // one that a wrong clock made is good for nobody yet
  )
  let serial = Number(row?.["serial"] ?? 0)
  const withLastResort = Number(row?.["last_resorts"] ?? 0) === 0
  // Only one that was replaced can be this old: what the server holds is compared with the newest.
  if (!withLastResort)
    tx.write("DELETE FROM key_package WHERE last_resort = 1 AND created_ms < ?", nowMs - lifetimeS * 1000 - keepAfterEndMs)
  for (let i = 0; i < count + (withLastResort ? 1 : 0); i++) {
    const lastResort = i === count
    const made = generateKeyPackage(kernel.states.environment(), {
      suite: productSuite,
      signer: kernel.own.signer,
      lifetimeS,
      earlierS,
      lastResort,
      extensionTypes: [policyExtensionType],
    })
    tx.write(
      "INSERT INTO key_package (ref, secret, hash, last_resort, message, serial, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
      made.ref,
      made.secret,
      kernel.crypto.sha256(made.message),
      lastResort ? 1 : 0,
      made.message,
      ++serial,
      nowMs,
    )
  }
}

async function uploadPending(kernel: Kernel): Promise<void> {
  const { session, transactions } = kernel
  const rows = await transactions.database.read(
    "SELECT ref, message, last_resort FROM key_package WHERE message IS NOT NULL ORDER BY serial LIMIT 100",
  )
  if (rows.length === 0) return
  const oneTime = rows.filter((row) => row["last_resort"] === 0).map((row) => row["message"] as Uint8Array)
  const lastResort = rows.find((row) => row["last_resort"] === 1)?.["message"] as Uint8Array | undefined
  await session.call(uploadKeyPackages, { oneTime, ...(lastResort && { lastResort }) })
  await transactions.run(async (tx) => {
    for (const row of rows) tx.write("UPDATE key_package SET message = NULL WHERE ref = ?", row["ref"] as Uint8Array)
  })
}

/**
 * The server gives KeyPackages out oldest first, so what it still holds must be the newest ones uploaded. Anything else means that it
 * swapped or removed some: nobody could be deceived by that, since their signatures are ours, but people could be kept from writing.
 */
async function compareDigest(kernel: Kernel, held: { readonly oneTimeCount: number; readonly digest: Uint8Array }): Promise<void> {
  const { crypto, transactions } = kernel
  const rows = await transactions.database.read("SELECT hash, last_resort FROM key_package WHERE message IS NULL ORDER BY serial DESC")
  const oneTime = rows.filter((row) => row["last_resort"] === 0).map((row) => row["hash"] as Uint8Array)
  const lastResort = rows.filter((row) => row["last_resort"] === 1).map((row) => row["hash"] as Uint8Array)
  const expected = crypto.sha256(concat(...oneTime.slice(0, held.oneTimeCount).toSorted(compare), ...lastResort.slice(0, 1)))
  if (held.oneTimeCount <= oneTime.length && equal(expected, held.digest)) return
  await transactions.run(async (tx) => {
    const known = await tx.read(
      "SELECT 1 AS one FROM alarm WHERE code = 'key_packages_differ' AND at_ms > ? LIMIT 1",
      kernel.clock.nowMs() - 86_400_000,
    )
    if (known.length > 0) return
    raiseAlarm(tx, kernel.random, {
      level: "warn",
      code: "key_packages_differ",
      text: "The server does not hold the keys this device left for new chats. People may be unable to write to you.",
      atMs: kernel.clock.nowMs(),
    })
  })
}
