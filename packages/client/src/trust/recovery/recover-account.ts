// An account comes back by its recovery key, onto a device that has nothing but the words: the log says which account the handle is, the words
// must be those of its key, and a reset that both the key and this device signed makes this device its only one. What is sent is stored first,
// so that a lost answer or a crash sends the same reset again.

import { type Bytes, bytes, equal } from "@nodoor/bytes"
import {
  type AccountState,
  type DeviceClass,
  IndexCache,
  KeylogError,
  type VerifiedAccountState,
  type VerifiedSearch,
  accountLabel,
  ed25519SignatureScheme,
  encodeHeadState,
  encodeSearchRequest,
  handleLabel,
  isHandle,
  signAccountState,
  verifyAccountState,
  verifySearch,
} from "@nodoor/keylog"
import { generateSigner } from "@nodoor/mls"
import { type ServerInfo, WireError, idBytes, logConfig, logSearch, logUpdate, recoverAccount, serverInfo } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import { doubledMs } from "../../core/backoff.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { pause } from "../../core/pause.ts"
import type { Ports } from "../../core/ports.ts"
import { Session } from "../../core/session.ts"
import { productSuite } from "../../core/suite.ts"
import { checkedName, textLimits } from "../../core/text-limits.ts"
import { type Transaction, Transactions } from "../../core/transaction.ts"
import { activateDevice, deleteDevice, findOwnDevice, findRegistration, insertRecoveringDevice } from "../../store/device.ts"
import { readerOf } from "../../store/reader.ts"
import { migrate } from "../../store/schema.ts"
import { putEntry } from "../../store/sync/entries.ts"
import { syncKeys } from "../../store/sync/sync-entry.ts"
import { deleteAllStates, insertState } from "../../store/trust/account-states.ts"
import { type StoredLog, beginWithLog, findStoredLog } from "../../store/trust/key-log.ts"
import { findRecoveryKey } from "../../store/trust/own-account.ts"
import { accountTexts, logTexts, lookupTexts } from "../../texts/en.ts"
import { recoveryTexts } from "../../texts/en-recovery.ts"
import { isRecoverySeedOf } from "../account/recovery-key.ts"
import { KeyLog } from "../log/key-log.ts"
import { asked } from "../log/log-answer.ts"
import { checkedPin, searchRequest } from "../log/search-request.ts"
import { type ReadWords, readRecoveryWords } from "./words.ts"

export interface Recovery {
  readonly serverUrl: string
  readonly handle: string
  readonly words: readonly string[]
  readonly deviceClass: DeviceClass
  /** What the person's other devices will call this one. */
  readonly deviceName: string
}

/** How often it is made anew because the account changed meanwhile. */
const roundsMax = 6
/** An epoch of the log comes about once a second. */
const againAfter = { firstMs: 1_500, lastMs: 12_000 } as const

interface Target {
  readonly serverUrl: string
  readonly server: ServerInfo
  readonly handle: string
  readonly seed: Uint8Array
  readonly deviceClass: DeviceClass
  readonly deviceId: Bytes<"DeviceId">
  readonly signatureSeed: Uint8Array
  readonly signatureKey: Uint8Array
  readonly deviceName: string
}

interface FoundAccount {
  readonly states: readonly VerifiedAccountState[]
  readonly log: { readonly config: Uint8Array; readonly head: Uint8Array }
}

/**
 * Makes this device, whose store is empty, the only device of an account. A store in which that was begun goes on with what was sent then.
 * @throws ClientError `already_registered`, `invalid_input`, `not_found`, `recovery_words_wrong`, `recovery_impossible`, `log_unavailable`,
 * `log_untrusted`, `unreachable`, or the server's refusal
 */
export async function startOver(ports: Ports, recovery: Recovery): Promise<void> {
  await migrate(ports.database)
  const present = await findOwnDevice(readerOf(ports.database))
  if (present && (present.status === "active" || present.status === "ended"))
    throw new ClientError("already_registered", accountTexts.alreadyRegistered)
  const handle = recovery.handle.replace(/^@/, "")
  if (!isHandle(handle)) throw new ClientError("invalid_input", lookupTexts.notAHandle)
  const read = readRecoveryWords(ports.crypto, recovery.words)
  if (read.status !== "right") throw new ClientError("invalid_input", wordsText(read))
  const known = present?.status === "recovering" ? await findRecoveryKey(readerOf(ports.database)) : undefined
  const isSame = present?.handle === handle && present.serverUrl === recovery.serverUrl && known?.seed && equal(known.seed, read.seed)
  if (!isSame) await prepare(ports, { ...(await newTarget(ports, recovery)), handle, seed: read.seed })
  await finishRecovery(ports)
}

/** What a person reads about words that are no recovery key. */
export function wordsText(read: Exclude<ReadWords, { readonly status: "right" }>): string {
  if (read.status === "wrong_count") return recoveryTexts.count(read.count)
  const [first] = read.status === "unknown_words" ? read.wrong : []
  return first ? recoveryTexts.unknownWord(first.at + 1, first.nearest) : recoveryTexts.checksum
}

/** Sends the stored reset until the log shows it; then this is a device like any other. @throws as `startOver` */
export async function finishRecovery(ports: Ports): Promise<void> {
  for (let round = 1; ; round++) {
    const reader = readerOf(ports.database)
    const [own, reset] = [await findOwnDevice(reader), await findRegistration(reader)]
    if (own?.status !== "recovering" || !reset) throw new ClientError("not_registered", accountTexts.notRegistered)
    try {
      await ports.network.call(own.serverUrl, recoverAccount, { state: reset }, { named: true })
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      const isOvertaken = error.code === "account_state_stale" || error.code === "account_state_invalid"
      if (!isOvertaken || round >= roundsMax) {
        if (error.code === "account_not_found" || error.code === "account_erased") await forget(ports)
        throw isOvertaken ? new ClientError("account_state_stale", recoveryTexts.changed, { cause: error }) : error
      }
      // Another version came in between. When the log shows it, the reset is made anew on top of it.
      await pause(ports.timers, doubledMs(round, againAfter))
      await prepareAgain(ports, own)
      continue
    }
    return await takeFromLog(ports, own, reset)
  }
}

async function newTarget(ports: Ports, { serverUrl, deviceClass, deviceName }: Recovery): Promise<Omit<Target, "handle" | "seed">> {
  const server = await ports.network.call(serverUrl, serverInfo, {})
  const env = { crypto: ports.crypto, timeMs: ports.clock.nowMs() }
  const signer = generateSigner(env, { suite: productSuite, identity: new Uint8Array() })
  return {
    serverUrl,
    server,
    deviceClass,
    deviceId: bytes<"DeviceId">(ports.random(idBytes)),
    signatureSeed: signer.privateKey,
    signatureKey: signer.publicKey,
    deviceName: checkedName(deviceName, textLimits.nameCharacters),
  }
}

/** The same device and key, with the account as the log shows it now. */
async function prepareAgain(ports: Ports, own: OwnDevice): Promise<void> {
  const { seed } = await findRecoveryKey(readerOf(ports.database))
  if (!seed) throw new ClientError("not_registered", accountTexts.notRegistered)
  const { serverUrl, server, handle, deviceClass, deviceId, signer } = own
  const device = { deviceClass, deviceId, signatureSeed: signer.privateKey, signatureKey: signer.publicKey, deviceName: "" }
  await prepare(ports, { serverUrl, server, handle, seed, ...device })
}

/** Finds the account, signs the reset, and stores both before anything is sent. */
async function prepare(ports: Ports, target: Target): Promise<void> {
  const { crypto } = ports
  const { states, log } = await findAccount(ports, target)
  const latest = states.at(-1)
  if (!latest) throw new ClientError("not_found", recoveryTexts.noAccount(target.handle))
  if (latest.kind === "tombstone") throw new ClientError("recovery_impossible", recoveryTexts.ended)
  if (latest.state.recoveryKey === undefined) throw new ClientError("recovery_impossible", recoveryTexts.noKey)
  if (!isRecoverySeedOf(crypto, latest, target.seed))
    throw new ClientError("recovery_words_wrong", recoveryTexts.notThisAccount(target.handle))
  const reset = resetOf(ports, latest, target)
  const { serverUrl, server, handle, seed, deviceClass, deviceId, signatureSeed, signatureKey, deviceName } = target
  await new Transactions(ports.database).run(async (tx) => {
    deleteDevice(tx)
    deleteAllStates(tx)
    insertRecoveringDevice(tx, {
      serverUrl,
      server,
      accountId: latest.state.accountId,
      deviceId,
      deviceClass,
      handle,
      // Until a backup says how the person is called.
      name: handle,
      signatureKey,
      signatureSeed,
      recoverySeed: seed,
      reset: reset.signed,
    })
    for (const state of [...states, reset]) insertState(tx, state)
    beginWithLog(tx, log)
    noteOfOwn(ports, tx, deviceId, {
      [syncKeys.recoveryConfirmed]: true,
      ...(deviceName && { [syncKeys.deviceName(deviceId)]: deviceName }),
    })
  })
}

/** What the account's other devices are told when there are any again. Whoever typed the words has them. */
function noteOfOwn(ports: Ports, tx: Transaction, deviceId: Uint8Array, values: Readonly<Record<string, string | true>>): void {
  for (const [key, value] of Object.entries(values)) {
    const stamp = { ms: ports.clock.nowMs(), counter: 0, deviceId }
    putEntry(tx, { key, value, stamp, due: true, shared: { ms: 0, counter: 0 }, open: false })
  }
}

/** The next version: nothing of the account's devices is kept, and the key stays. */
function resetOf({ crypto }: Ports, latest: VerifiedAccountState, target: Target): VerifiedAccountState {
  const { deviceId, deviceClass, signatureKey, signatureSeed, seed } = target
  const { origin, accountId, recoveryKey, ...before } = latest.state
  const version = before.version + 1
  const state: AccountState = {
    origin,
    accountId,
    version,
    prev: latest.stateHash,
    kind: "reset",
    resetCount: before.resetCount + 1,
    lastResetVersion: version,
    recoveryKey,
    devices: [{ deviceId, deviceClass, signatureScheme: ed25519SignatureScheme, signatureKey, addedVersion: version }],
  }
  const next = signAccountState(crypto, { state, signers: [{ deviceId, privateKey: signatureSeed }], recoveryPrivateKey: seed })
  return verifyAccountState(crypto, { previous: latest, next, origin, accountId })
}

/** What the log holds under the handle, proven as in any search. Nobody is named: the question is the one that anybody may ask. */
async function findAccount(ports: Ports, { serverUrl, server, handle }: Target): Promise<FoundAccount> {
  const { network, crypto, clock } = ports
  const { origin } = server
  try {
    // Of this server's log from an earlier attempt: it must go on from there.
    const before = await storedLogOf(ports, serverUrl)
    const config = before?.config ?? (await asked(() => network.call(serverUrl, logConfig, {}))).config
    const known = new Map()
    const request = searchRequest(crypto, { config, head: before?.head }, [handleLabel(handle)], known)
    const encoded = encodeSearchRequest(request)
    const { response } = await asked(() => network.call(serverUrl, logSearch, { request: encoded }, { alone: true }))
    const verified = verifySearch(crypto, {
      pin: checkedPin(crypto, origin, config),
      accountOrigin: origin,
      stored: before?.head,
      request,
      response,
      known,
      indices: new IndexCache({ maxEntries: 1_000 }),
      nowMs: clock.nowMs(),
    })
    return { states: statesOf(verified, handle), log: { config, head: encodeHeadState(verified.head) } }
  } catch (error) {
    if (error instanceof KeylogError) throw new ClientError("log_untrusted", logTexts.notCheckedYet, { cause: error })
    throw error
  }
}

async function storedLogOf({ database }: Ports, serverUrl: string): Promise<StoredLog | undefined> {
  const reader = readerOf(database)
  return (await findOwnDevice(reader))?.serverUrl === serverUrl ? await findStoredLog(reader) : undefined
}

/** Of the account that the log has bound the handle to. @throws ClientError `not_found`, `recovery_impossible` */
function statesOf({ lookups }: VerifiedSearch, handle: string): readonly VerifiedAccountState[] {
  for (const found of lookups) {
    if (found.status === "ended") throw new ClientError("recovery_impossible", recoveryTexts.ended)
    if (found.status !== "handle" || found.binding.handle !== handle) continue
    const { accountId } = found.binding
    for (const other of lookups)
      if (other.status === "account" && equal(other.account.state.accountId, accountId))
        return [...other.chain, other.account].filter((state, at, all) => all.indexOf(state) === at)
  }
  throw new ClientError("not_found", recoveryTexts.noAccount(handle))
}

/** Waits until the log shows the very reset that was sent. */
async function takeFromLog(ports: Ports, own: OwnDevice, reset: Uint8Array): Promise<void> {
  const { crypto, random, clock, database } = ports
  const transactions = new Transactions(database)
  const session = new Session(ports, own)
  const keyLog = new KeyLog({ transactions, session, crypto, random, clock, own })
  await keyLog.search({
    labels: [accountLabel(own.accountId)],
    subject: own.accountId,
    ask: (request) => session.call(logUpdate, { state: reset, request }),
    take: async (tx, { lookups }) => {
      const shown = lookups.find((found) => found.status === "account" && equal(found.account.state.accountId, own.accountId))
      if (shown?.status !== "account" || !equal(shown.account.signed, reset))
        throw new KeylogError("value_changed", "the log holds another version")
      activateDevice(tx)
    },
  })
}

async function forget(ports: Ports): Promise<void> {
  await new Transactions(ports.database).run(async (tx) => {
    deleteDevice(tx)
    deleteAllStates(tx)
  })
}
