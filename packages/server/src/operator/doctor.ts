// `doctor`: a short table of what operators most often get wrong.

import { accessSync, constants, existsSync, statSync, statfsSync } from "node:fs"
import { isLoopback, isLoopbackOrigin } from "../core/address.ts"
import { type Config, registrationOf } from "../config/config.ts"
import { dataDirPaths } from "../sqlite/data-dir.ts"
import type { Finding } from "../core/finding.ts"
import { logAgeFinding, minuteOf } from "../keylog/log-age.ts"
import type { LogSettings } from "../keylog/log-settings.ts"
import type { SequencerState } from "../keylog/sequencer.ts"
import { backupFinding } from "./backup-state.ts"
import type { DeliveryHealth } from "../core/delivery-health.ts"
import type { Store } from "../accounts/store/store.ts"

export interface Examined {
  readonly config: Config
  readonly store: Pick<Store, "integrity" | "newestTime" | "countAccounts">
  readonly deliveryStore: Pick<DeliveryHealth, "integrity" | "blobDepth">
  readonly origin: string | undefined
  readonly webBundle: boolean
  /** Read both databases through: seconds per gigabyte. */
  readonly thorough: boolean
  readonly nowMs: number
}

/** With less free space than this, a server needs attention. */
const freeDiskWarnBytes = 1024 ** 3
/** A database of this size is read through at every start. */
const quicklyReadBytes = 256 * 1024 ** 2
/** A clock before this program was written is wrong. */
const programWrittenMs = Date.UTC(2026, 10, 1)

export async function examine(examined: Examined): Promise<readonly Finding[]> {
  const { config, store, deliveryStore, origin, webBundle, thorough, nowMs } = examined
  const { databasePath, delivery } = dataDirPaths(config.dataDir)
  return [
    dataDirFinding(config.dataDir),
    diskFinding(config.dataDir),
    await databaseFinding("database", store, { path: databasePath, thorough }),
    await databaseFinding("delivery database", deliveryStore, { path: delivery.database, thorough }),
    await blobFinding(config, deliveryStore),
    registrationFinding(config, origin),
    emailFinding(config),
    webBundle
      ? { what: "web app", level: "ok", text: "built" }
      : { what: "web app", level: "warn", text: "not built, so browsers only get a line of text; `npm start` builds it" },
    backupFinding(config.dataDir, { nowMs, accountCount: await store.countAccounts({}) }),
    await clockFinding(store, nowMs),
    transportFinding(config, origin),
    ...[proxyLogFinding(config)].filter((finding) => finding !== undefined),
    retentionFinding(config),
  ]
}

function retentionFinding({ ipDays, messageDays, inactiveDays }: Config): Finding {
  const unused = inactiveDays === 0 ? "unused accounts forever" : `unused accounts ${days(inactiveDays)}`
  return { what: "retention", level: "note", text: `IP addresses ${days(ipDays)}, messages ${days(messageDays)}, ${unused}` }
}

/** What stops or slows the transparency log, and who has signed it. */
export function logFinding(
  { witnesses, auditors }: LogSettings,
  state: SequencerState,
  { publishedAtMs, nowMs }: { readonly publishedAtMs: number | undefined; readonly nowMs: number },
): Finding {
  const age = logAgeFinding({ publishedAtMs, nowMs })
  const { what } = age
  if (state.status === "refused") return { what, level: "bad", text: state.reason }
  if (state.status === "waiting")
    return { what, level: "warn", text: "waits for its witnesses; new devices and accounts are not in it until they sign" }
  if (age.level !== "ok") return age
  if (witnesses.length === 0) return { what, level: "note", text: "has no independent witnesses; see docs/operating.md" }
  return {
    what,
    level: "ok",
    text: `witnessed by ${state.witnesses} of ${witnesses.length}, ${auditors.length === 0 ? "not audited" : `audited by ${auditors.length}`}`,
  }
}

/** The table as lines of text. */
export function formatFindings(findings: readonly Finding[]): string {
  const marks = { ok: "ok  ", note: "    ", warn: "warn", bad: "BAD " }
  const width = Math.max(...findings.map(({ what }) => what.length))
  return findings.map(({ what, level, text }) => `  ${marks[level]}  ${what.padEnd(width)}  ${text}`).join("\n")
}

function days(count: number): string {
  return count === 0 ? "not kept" : count === 1 ? "1 day" : `${count} days`
}

function dataDirFinding(dataDir: string): Finding {
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK)
    return { what: "data directory", level: "ok", text: `${dataDir}, writable` }
  } catch {
    return { what: "data directory", level: "bad", text: `${dataDir} can't be written` }
  }
}

function diskFinding(dataDir: string): Finding {
  if (!existsSync(dataDir)) return { what: "free disk", level: "note", text: "unknown: the data directory does not exist yet" }
  const { bavail, bsize } = statfsSync(dataDir)
  const freeBytes = bavail * bsize
  const text = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB`
  return { what: "free disk", level: freeBytes < freeDiskWarnBytes ? "warn" : "ok", text }
}

/** Of the room that devices may take, so much is taken that the operator should know. */
const blobsWarnShare = 0.9

async function blobFinding({ blobsMb, dataDir }: Config, store: Examined["deliveryStore"]): Promise<Finding> {
  const what = "stored by devices"
  if (!existsSync(dataDirPaths(dataDir).delivery.database)) return { what, level: "note", text: "nothing yet" }
  const { blobs, bytes } = await store.blobDepth({})
  const text = `${blobs} ${blobs === 1 ? "blob" : "blobs"} with ${(bytes / 1e6).toFixed(0)} MB of ${blobsMb} MB (quota.blobs_mb)`
  return { what, level: bytes > blobsMb * 1e6 * blobsWarnShare && blobs > 0 ? "warn" : "ok", text }
}

async function databaseFinding(
  what: string,
  store: Pick<DeliveryHealth, "integrity">,
  { path, thorough }: { readonly path: string; readonly thorough: boolean },
): Promise<Finding> {
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) return { what, level: "note", text: "not there yet; the first start makes it" }
  if (!thorough && size > quicklyReadBytes)
    return { what, level: "note", text: "large and not checked at start; `nodoor-server doctor` checks it" }
  const health = await store.integrity({})
  return health === "ok" ? { what, level: "ok", text: "healthy" } : { what, level: "bad", text: "damaged; restore it from a backup" }
}

/**
 * What no program can see from here: what stands in front of it writes down. With names of their own, the reading and the posting streams
 * can be kept out of its log without losing the log of everything else.
 */
function proxyLogFinding({ trustedProxies, readHost, postHost }: Config): Finding | undefined {
  if (trustedProxies.length === 0) return undefined
  const what = "proxy's log"
  const names = [readHost, postHost].filter((name) => name !== undefined)
  return names.length < 2
    ? {
        what,
        level: "warn",
        text: "keep no access log: addresses and times of reading and posting would stand in it; or set delivery.read_host and delivery.post_host, and keep none for these",
      }
    : {
        what,
        level: "note",
        text: `keep no access log for ${names.join(" and ")}: who reads and who posts at which moment would stand in it`,
      }
}

function registrationFinding(config: Config, origin: string | undefined): Finding {
  const registration = registrationOf(config, origin ?? "localhost")
  const text = { open: "open to everybody who can reach this server", invite: "with an invite link", closed: "closed" }[registration]
  return {
    what: "registration",
    level:
      registration === "open" && registrationOf({ ...config, registration: undefined }, origin ?? "localhost") !== "open" ? "warn" : "ok",
    text,
  }
}

function emailFinding({ email, dataDir }: Config): Finding {
  if (email.mode === "none") return { what: "e-mail", level: "ok", text: "not asked for" }
  if (email.smtpUrl !== undefined) return { what: "e-mail", level: "ok", text: `${email.mode}, codes by SMTP` }
  const level = email.mode === "required" ? "warn" : "note"
  return {
    what: "e-mail",
    level,
    text: `${email.mode}; no SMTP server is set, so codes are written to ${dataDirPaths(dataDir).outboxPath}`,
  }
}

async function clockFinding(store: Examined["store"], nowMs: number): Promise<Finding> {
  const newest = await store.newestTime({})
  const shown = minuteOf(nowMs)
  if (nowMs < programWrittenMs) return { what: "clock", level: "bad", text: `${shown} is in the past; set the clock` }
  if (newest > nowMs + 60_000)
    return { what: "clock", level: "warn", text: `${shown} is before the newest entry in the database; check the clock` }
  return { what: "clock", level: "ok", text: shown }
}

function transportFinding({ host, trustedProxies }: Config, origin: string | undefined): Finding {
  const local = origin === undefined || isLoopbackOrigin(origin)
  if (isLoopback(host) && local) return { what: "transport", level: "ok", text: "plain HTTP on this machine only" }
  if (trustedProxies.length > 0)
    return { what: "transport", level: "note", text: "the proxy handles TLS; let it reach this server only over a private network" }
  return { what: "transport", level: "warn", text: "plain HTTP; put a TLS proxy in front and name it in network.trusted_proxies" }
}
