// The log of a running server: its keeper in a thread, its sequencer driven by what is stored and by the clock.

import { rm } from "node:fs/promises"
import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import { formatVerifierKey, handleLabel, noteKey, noteKeyTypes } from "@nodoor/keylog"
import { type LogInsertedAnswer, type LogInsertedRequest, WireError } from "@nodoor/wire"
import { serverCrypto } from "../core/crypto.ts"
import type { Clock, Log, LogMeter } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import type { Store } from "../accounts/store/store.ts"
import { type KeeperFiles, openKeeperThread } from "./keeper/keeper-thread.ts"
import { logFilesIn } from "./log-maintenance.ts"
import type { Keeper, LogStatus } from "./keeper/log-keeper.ts"
import { type LogPlan, type LogSettings, planLog } from "./log-settings.ts"
import type { LogFile } from "./keeper/published-log.ts"
import { Sequencer, type SequencerState } from "./sequencer.ts"
import type { Cosigner, LogNetwork } from "./witness-client.ts"

/** What the routes of the log need. */
export interface KeyLog {
  /** Answers an encoded `SearchRequest`. */
  search(request: Uint8Array): Promise<Uint8Array>
  watchSet(label: Uint8Array): Promise<Uint8Array>
  /** The log's first entry. */
  config(): Promise<Uint8Array>
  /** Since when a version has been in the log. @throws WireError `not_found` */
  inserted(request: LogInsertedRequest): Promise<LogInsertedAnswer>
  /** A file below `/kt/`. */
  file(path: string): Promise<LogFile | undefined>
  /** SHA-256 of the key for tokens that the published log holds for an epoch. */
  tokenKey(epoch: number): Promise<Uint8Array | undefined>
  /** Something was stored that the log must hold. */
  changed(): void
  /** Resolves when the version of the label is under a published checkpoint. @throws WireError `unavailable` when that takes too long */
  logged(label: Uint8Array, version: number): Promise<void>
}

export interface LogService extends KeyLog {
  /** How the log's key is written for witnesses (c2sp.org/signed-note). */
  readonly verifierKey: string
  /** SHA-256 of the log's first entry in hexadecimal: what people compare. */
  readonly pin: string
  readonly state: SequencerState
  readonly keeper: Keeper
  /** Erases what is kept of accounts that were deleted long enough ago. */
  sweep(): Promise<void>
  /** Removes copies of erased values that the file may still hold, at most once a day. */
  eraseTraces(): Promise<void>
  close(): Promise<void>
}

export interface LogServicePorts {
  readonly store: Pick<Store, "accountFeed" | "replaceSetting" | "notedSetting" | "findAccount" | "eraseChain">
  readonly clock: Clock
  readonly network: LogNetwork
  readonly log: Log
  readonly meter?: LogMeter | undefined
}

/** Until when a new server waits for its first checkpoint before it goes on without. */
const firstStepMs = 2_000
const stopWithinMs = 1_000
/** How long an update waits for its epoch. */
const loggedWithinMs = 20_000
/** How long the states of a deleted account are kept. */
const endedKeptMs = 2 * 24 * 60 * 60_000
/** How long a device of a hard reset is held (docs/transparency.md). */
const resetDelayMs = 24 * 60 * 60_000

/**
 * Opens or makes the log below `dataDir/log` and starts it. `accountOrigin` is what accounts are bound to.
 * @throws ServerError `config_invalid`, `log_…`, `origin_changed` for a log of another origin that holds accounts
 */
export async function startLogService(
  ports: LogServicePorts,
  options: { readonly dataDir: string; readonly accountOrigin: string; readonly settings: LogSettings },
): Promise<LogService> {
  const origin = `${options.accountOrigin}/kt/1`
  const plan = planLog(options.settings, origin)
  const files: KeeperFiles = { ...logFilesIn(options.dataDir), beginning: { origin, resetDelayMs, policy: plan.policy } }
  const { keeper, close } = await openForOrigin(files, ports.log)
  try {
    const status = await keeper.status({})
    if (status.size > 0 && Buffer.compare(status.policies[0] ?? new Uint8Array(), plan.policy) !== 0)
      await keeper.enqueue({ entry: plan.policy })
    const cosigners = await rememberedCosigners(ports.store, plan)
    const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())
    const sequencer = new Sequencer(
      { ...ports, crypto: serverCrypto, keeper, delay },
      { origin, epochMs: options.settings.epochMs, ...cosigners },
    )
    const drive = driveSequencer(sequencer)
    await Promise.race([drive.first, delay(firstStepMs)])
    return serviceOf({ ...ports, keeper, sequencer, drive, status: await keeper.status({}), delay, close })
  } catch (error) {
    await close()
    throw error
  }
}

/** A log of another origin is in the way only if somebody is in it: an origin may change before the first account. */
async function openForOrigin(files: KeeperFiles, log: Log): Promise<{ readonly keeper: Keeper; close(): Promise<void> }> {
  const opened = await openKeeperThread(files, log)
  const { origin, feedPosition } = await opened.keeper.status({})
  if (origin === files.beginning.origin) return opened
  await opened.close()
  if (feedPosition > 0) {
    throw new ServerError(
      "origin_changed",
      `The log of this server is of ${origin}. Set NODOOR_ORIGIN back to it, or start with an empty data directory.`,
    )
  }
  await rm(files.folder, { recursive: true })
  return openKeeperThread(files, log)
}

interface Drive {
  /** Resolves after the first step. */
  readonly first: Promise<unknown>
  nudge(): void
  stop(): Promise<void>
}

/** Runs one step after another: when one is due, or at once when something was stored. */
function driveSequencer(sequencer: Sequencer): Drive {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let nudged = false
  let running: Promise<void> | undefined
  const run = (): void => {
    clearTimeout(timer)
    nudged = false
    running = sequencer.step().then(({ waitMs }) => {
      running = undefined
      if (stopped) return
      // Changes during the step may have come too late for it, so the next step follows at once.
      timer = setTimeout(run, nudged ? 0 : waitMs)
      timer.unref()
    })
  }
  run()
  return {
    first: running ?? Promise.resolve(),
    nudge: () => {
      if (stopped || sequencer.state.status !== "running") return
      if (running === undefined) run()
      else nudged = true
    },
    stop: async () => {
      stopped = true
      sequencer.stop()
      clearTimeout(timer)
      // A witness that does not answer is not waited for. The next start asks again for its signature.
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, stopWithinMs).unref())])
    },
  }
}

function serviceOf(parts: {
  readonly store: LogServicePorts["store"]
  readonly clock: Clock
  readonly keeper: Keeper
  readonly sequencer: Sequencer
  readonly drive: Drive
  readonly status: LogStatus
  readonly delay: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}): LogService {
  const { keeper, sequencer, drive, status } = parts
  const verifierKeyOf = ({ origin, logKey }: LogStatus): string =>
    formatVerifierKey(noteKey(serverCrypto, { name: origin, type: noteKeyTypes.ed25519, publicKey: logKey }))
  return {
    verifierKey: verifierKeyOf(status),
    pin: Buffer.from(status.configHash).toString("hex"),
    keeper,
    get state() {
      return sequencer.state
    },
    search: (request) => keeper.search({ request }),
    watchSet: (label) => keeper.watchSet({ label }),
    config: () => keeper.config({}),
    inserted: (request) => keeper.inserted(request),
    tokenKey: (epoch) => keeper.tokenKey({ epoch }),
    file: async (path) => {
      if (path !== "key") return keeper.file({ path })
      // A future witness needs it before there is a first checkpoint.
      return { bytes: toUtf8(`${verifierKeyOf(await keeper.status({}))}\n`), text: true, immutable: false }
    },
    changed: drive.nudge,
    logged: async (label, version) => {
      const late = parts.delay(loggedWithinMs).then(() => "late" as const)
      for (;;) {
        const published = sequencer.published()
        if (((await keeper.latestVersion({ label })) ?? -1) >= version) return
        drive.nudge()
        if ((await Promise.race([published, late])) === "late") {
          throw new WireError("unavailable", "the change is stored, but not in the log yet", { retryAfterMs: 5_000 })
        }
      }
    },
    sweep: () => eraseEndedAccounts(parts),
    eraseTraces: () => keeper.eraseTraces({ nowMs: parts.clock.nowMs() }),
    close: async () => {
      await drive.stop()
      await parts.close()
    },
  }
}

/**
 * Contacts look at the log within a day and then remove a deleted account's leaves from their groups. Until they have, new members must
 * be able to check that those leaves were the account's. The account is erased first, and the log remembers what is left to do.
 */
export async function eraseEndedAccounts(ports: {
  readonly store: Pick<Store, "findAccount" | "eraseChain">
  readonly keeper: Pick<Keeper, "ended" | "eraseEnded">
  readonly clock: Clock
}): Promise<void> {
  const { store, keeper, clock } = ports
  for (const account of await keeper.ended({ beforeMs: clock.nowMs() - endedKeptMs })) {
    const accountId = account.slice(1)
    const found = await store.findAccount({ handle: undefined, accountId, afterVersion: Number.MAX_SAFE_INTEGER, maxStates: 0 })
    if (found === undefined) continue
    await store.eraseChain({ accountId })
    await keeper.eraseEnded({ account, handle: handleLabel(found.handle) })
  }
}

/** Those of the policy and those of earlier ones: a new policy needs the signatures of the old one's witnesses. */
async function rememberedCosigners(
  store: LogServicePorts["store"],
  plan: LogPlan,
): Promise<{ readonly witnesses: readonly Cosigner[]; readonly auditors: readonly Cosigner[] }> {
  const name = "log_witness_addresses"
  const noted = await store.notedSetting({ name })
  const { witnesses, auditors } = plan
  const now = witnesses.map(({ key, url }) => `${formatVerifierKey(key)} ${url}`)
  const before = noted === undefined ? [] : fromUtf8(noted).split("\n").filter(Boolean)
  const keyOf = (line: string): string => line.split(" ")[0] ?? ""
  const all = [...now, ...before.filter((line) => !now.some((one) => keyOf(one) === keyOf(line)))].slice(0, rememberedMax)
  await store.replaceSetting({ name, value: toUtf8(all.join("\n")) })
  const { witnesses: reachable } = planLog({ ...noPolicy, operators: all }, "unused")
  return { witnesses: reachable, auditors }
}

const rememberedMax = 64
const noPolicy = { epochMs: 1000, witnesses: [], operators: [], auditors: [], quorum: undefined, faults: 0, audits: undefined } as const
