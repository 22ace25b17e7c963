// A real server on a real socket: opens the database, listens, sweeps, and stops without losing anything.

import { randomBytes } from "node:crypto"
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { getRequestListener } from "@hono/node-server"
import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import { type Config, loadConfig, registrationOf } from "./config/config.ts"
import { type SettingsInForce, settingsInForce } from "./config/settings.ts"
import type { ConsoleRates } from "./console/console.ts"
import { openConsole } from "./console/open-console.ts"
import { takeDataDir } from "./sqlite/data-dir.ts"
import { type CanaryState, canaryState } from "./desk/canary/canary.ts"
import { publishedCanary } from "./command/canary-command.ts"
import { noticePlaces } from "./desk/notices/notice-places.ts"
import { startDayNotices } from "./desk/notices/day-notices.ts"
import { deskOf, loadExportKey, openDeskFile } from "./desk/open-desk.ts"
import { relyingPartyOf } from "./desk/people/passkey-proof.ts"
import { activePeople } from "./desk/people/person.ts"
import { transparencyAnswers } from "./desk/notices/transparency-answers.ts"
import { type TransparencyReport, transparencyReport } from "./desk/notices/transparency-report.ts"
import { isLoopback } from "./core/address.ts"
import { type Delivery, createDelivery } from "./delivery/delivery.ts"
import { type Rates, defaultRates } from "./route/rate-limit.ts"
import { bodyTickMs, createBodyBudget } from "./http/body-budget.ts"
import { createApp } from "./http/app.ts"
import { createClientAddress } from "./http/client-address.ts"
import { limitConnections } from "./http/connection-limit.ts"
import { createSites } from "./http/sites.ts"
import { type StreamSocketOptions, defaultStreamSocketOptions, serveStreams } from "./http/stream-socket.ts"
import { loadWebBundle } from "./http/web-bundle.ts"
import { type NewInvites, createInvites } from "./operator/invite.ts"
import { createLog } from "./core/logger.ts"
import { createOutboxMailer, createSmtpMailer } from "./delivery/mail.ts"
import { defaultLogSettings } from "./keylog/log-settings.ts"
import { type LogService, startLogService } from "./keylog/log-service.ts"
import { nodeNetwork } from "./keylog/node-network.ts"
import type { LogNetwork } from "./keylog/witness-client.ts"
import { createMetrics } from "./operator/metrics.ts"
import type { Clock, Mailer, Random } from "./core/ports.ts"
import { ServerError } from "./core/server-error.ts"
import type { Store } from "./store/store.ts"
import { openStoreThread } from "./store/sqlite/thread.ts"
import { version } from "./core/version.ts"

export interface StartOptions {
  readonly dataDir: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Everything of the configuration may be given; what is not has the defaults of `loadConfig`. */
  readonly config?: Partial<Omit<Config, "host" | "port" | "dataDir">>
  /** The configuration as the console shows it; default: that of a server without variables. */
  readonly settings?: SettingsInForce
  readonly rates?: Partial<Rates>
  readonly consoleRates?: ConsoleRates
  readonly streams?: Partial<StreamSocketOptions>
  /** Longest time for a request's headers and for all of it, and how often is looked how fast bodies come. */
  readonly timeouts?: { readonly headersMs?: number; readonly requestMs?: number; readonly bodyTickMs?: number }
  readonly clock?: Clock
  readonly random?: Random
  readonly mailer?: Mailer
  /** How the log reaches witnesses and auditors. */
  readonly logNetwork?: LogNetwork
  /** Takes the log's lines; default: standard error. */
  readonly log?: (line: string) => void
  /** The built web app; default: that of this repository. */
  readonly webDir?: string
}

export interface RunningServer {
  /** `http://host:port`. */
  readonly url: string
  readonly port: number
  readonly origin: string
  readonly webBundle: boolean
  /** Where people who run the server sign in. */
  readonly consoleUrl: string
  /** Whether there is anybody who may. */
  readonly consoleHasPeople: () => boolean
  readonly delivery: Delivery
  readonly store: Store
  readonly keyLog: LogService
  createInvites(invites: NewInvites): Promise<string[]>
  /** Answers what is under way, writes everything, lets go of port and directory. */
  stop(): Promise<void>
}

const sweepEveryMs = 10 * 60_000
const tracesEveryMs = 60 * 60_000
/** How long a connection of an account may last that a command in another process suspended or erased. */
const noticeEveryMs = 2_000
/** How long requests under way have to finish when the server stops. */
const drainMs = 3_000

/** @throws ServerError `data_dir_unusable`, `data_dir_in_use`, `database_…`, `origin_changed`, `port_in_use`, `port_refused` */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 0, config = {} } = options
  const clock = options.clock ?? { nowMs: () => Date.now() }
  const random = options.random ?? ((sizeBytes: number) => new Uint8Array(randomBytes(sizeBytes)))
  const log = createLog(options.log)
  const metrics = createMetrics()
  const dataDir = takeDataDir(options.dataDir)
  const undo: (() => Promise<void> | void)[] = [dataDir.release]
  try {
    const store = await openStoreThread(dataDir.databasePath, { log, meter: metrics })
    undo.push(() => store.close())
    const server = createServer({ connectionsCheckingInterval: 1_000, shouldUpgradeCallback: wantsWebSocket })
    server.headersTimeout = options.timeouts?.headersMs ?? 10_000
    server.requestTimeout = options.timeouts?.requestMs ?? 60_000
    server.keepAliveTimeout = 65_000
    // A connection on which nothing moves, such as one whose answer nobody reads. Streams have their own pings.
    server.timeout = 120_000
    server.maxHeadersCount = 64
    server.on("request", tooEarly)
    const actualPort = await listen(server, host, port)
    undo.push(() => closeServer(server))

    const email = { mode: "optional", domains: [], smtpUrl: undefined, from: undefined, ...config.email } as const
    if (config.origin === undefined && isWildcard(host) && (await store.notedSetting({ name: "origin" })) === undefined) {
      throw new ServerError(
        "config_invalid",
        "NODOOR_ORIGIN: set the name people will reach this server under, for example chat.example.org; accounts are bound to it",
      )
    }
    const origin = await settleOrigin(store, config.origin, `${isLoopback(host) ? "localhost" : host}:${actualPort}`)
    const registration = registrationOf({ host, registration: config.registration, trustedProxies: config.trustedProxies ?? [] }, origin)
    const mailer =
      options.mailer ??
      (email.smtpUrl !== undefined && email.from !== undefined
        ? createSmtpMailer({ smtpUrl: email.smtpUrl, from: email.from })
        : createOutboxMailer(dataDir.outboxPath, { clock, random }))
    const keyLog = await startLogService(
      { store, clock, network: options.logNetwork ?? nodeNetwork(), log, meter: metrics },
      { dataDir: options.dataDir, accountOrigin: origin, settings: { ...defaultLogSettings, ...config.log } },
    )
    undo.push(() => keyLog.close())
    const deskDb = openDeskFile(options.dataDir)
    undo.push(() => deskDb.close())
    const exportKey = loadExportKey(options.dataDir, random)
    const delivery = await createDelivery(
      { store, clock, random, turn: (run) => void setImmediate(run), mailer, log, keyLog, meter: metrics, exportKey, deskDatabase: deskDb },
      {
        origin,
        version,
        registration,
        email,
        ipDays: config.ipDays ?? 7,
        mailboxDays: config.mailboxDays ?? 30,
        inactiveDays: config.inactiveDays ?? 365,
        accountsMax: config.accountsMax ?? 0,
        mailboxMaxBytes: (config.mailboxMb ?? 256) * 1_000_000,
        rates: { ...defaultRates, ...options.rates },
      },
    )
    const web = loadWebBundle(options.webDir ?? fileURLToPath(new URL("../../web/dist", import.meta.url)))
    const clientAddress = createClientAddress(config.trustedProxies ?? [], log)
    const bodies = createBodyBudget()
    const sites = createSites(config.consoleOrigin)
    limitConnections(server, clientAddress.isProxy)
    let stopping = false
    const ready = async (): Promise<boolean> =>
      !stopping &&
      (await store.notedSetting({ name: "origin" }).then(
        () => true,
        () => false,
      ))
    const logFile = keyLog.file
    const logDatabasePath = join(options.dataDir, "log", "log.sqlite")
    const places = noticePlaces(logDatabasePath, clock)
    const report = (): TransparencyReport => transparencyReport(deskDb, { origin, exportKey: exportKey.publicKey, places })
    const canary = (): CanaryState => canaryState(publishedCanary(options.dataDir), clock.nowMs())
    const page = relyingPartyOf(origin).origin
    const consoleOrigin = config.consoleOrigin ?? origin
    const { desk, people } = deskOf({ db: deskDb, store, clock, random, dataDir: options.dataDir, origin, consoleOrigin, exportKey })
    const console = openConsole(
      { store, delivery, keyLog, desk, people, db: deskDb, clock, random, log, meter: metrics, canary },
      {
        config: { ...loadConfig({ NODOOR_DATA: options.dataDir }), ...config, host, port: actualPort, dataDir: options.dataDir },
        settings: options.settings ?? settingsInForce({ NODOOR_DATA: options.dataDir }),
        origin,
        consoleOrigin,
        url: page,
        webBundle: web !== undefined,
        rates: options.consoleRates,
      },
    )
    const app = createApp({
      origin,
      delivery,
      console,
      clientAddress,
      bodies,
      sites,
      log,
      web,
      logFile,
      transparency: transparencyAnswers({ db: deskDb, clock, report, canary }),
      canary: (hash) => publishedCanary(options.dataDir, hash),
      metrics: () => metrics.text(),
      metricsToken: config.metricsToken,
      ready,
    })
    server.off("request", tooEarly)
    server.on("request", getRequestListener(app.fetch, { hostname: inUrl(host), overrideGlobalObjects: false }))
    const endStreams = serveStreams(server, { delivery, clientAddress, sites }, { ...defaultStreamSocketOptions, ...options.streams })

    await delivery.sweep()
    const { keeper, changed } = keyLog
    const dayNotices = startDayNotices({ db: deskDb, keeper, changed, clock, random, log, logDatabasePath })
    const sweepDesk = (): void => {
      try {
        people.sweep()
        desk.sweep()
      } catch {
        log("warn", "sweep_failed")
      }
    }
    sweepDesk()
    const eraseTraces = (): void => {
      store.eraseTraces({ nowMs: clock.nowMs() }).catch(() => log("warn", "traces_left"))
      keyLog.eraseTraces().catch(() => log("warn", "traces_left"))
    }
    eraseTraces()
    const upkeep = [
      setInterval(sweepDesk, sweepEveryMs),
      setInterval(() => void keyLog.sweep().catch(() => log("warn", "sweep_failed")), sweepEveryMs),
      setInterval(() => void delivery.sweep().catch(() => log("warn", "sweep_failed")), sweepEveryMs),
      setInterval(() => void delivery.noticeAccountChanges().catch(() => log("warn", "accounts_unread")), noticeEveryMs),
      setInterval(eraseTraces, tracesEveryMs),
      setInterval(bodies.tick, options.timeouts?.bodyTickMs ?? bodyTickMs),
    ]
    let stopped: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      stopping = true
      for (const timer of upkeep) clearInterval(timer)
      delivery.close()
      const closed = closeServer(server)
      await endStreams()
      await closed
      await dayNotices.stop()
      deskDb.close()
      await keyLog.close()
      await store.close()
      dataDir.release()
    }
    return {
      url: `http://${inUrl(host)}:${actualPort}`,
      port: actualPort,
      origin,
      webBundle: web !== undefined,
      consoleUrl: `${relyingPartyOf(consoleOrigin).origin}/operator`,
      consoleHasPeople: () => activePeople(deskDb).length > 0,
      delivery,
      store,
      keyLog,
      createInvites: (invites) => createInvites({ store, clock, random }, invites),
      stop: () => (stopped ??= stop()),
    }
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host
}

/** Any other upgrade that a client offers, such as curl's of HTTP/2, is passed over, and its request answered. */
function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket"
}

/** Every address of the machine: no name that accounts could be bound to. */
function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === ""
}

/** A request that comes while the rest is being opened is told to come again; with nobody listening it would hang for ever. */
function tooEarly(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { "Retry-After": "1", Connection: "close" }).end()
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen({ host, port, backlog: 1024 }, () => resolve((server.address() as AddressInfo).port))
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ServerError {
  if (error.code === "EADDRINUSE")
    return new ServerError("port_in_use", `Port ${port} on ${host} is in use. Stop what uses it, or set PORT to another.`, { cause: error })
  return new ServerError(
    "port_refused",
    `${host}:${port} cannot be listened on (${error.code ?? "unknown"}). Set HOST to an address of this machine and PORT to one you may use.`,
    { cause: error },
  )
}

/** Closes idle connections at once, those with a request under way after its answer, and all of them in the end. */
async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}

/**
 * Accounts are bound to the origin by their signatures, so the first one stays.
 * @throws ServerError `origin_changed`
 */
async function settleOrigin(store: Store, wanted: string | undefined, otherwise: string): Promise<string> {
  const noted = fromUtf8(await store.setting({ name: "origin", value: toUtf8(wanted ?? otherwise) }))
  if (wanted === undefined || wanted === noted) return noted
  if ((await store.countAccounts({})) > 0) {
    throw new ServerError(
      "origin_changed",
      `The accounts of this server are bound to ${noted} by their signatures. Set NODOOR_ORIGIN=${noted}, or start with an empty data directory.`,
    )
  }
  await store.replaceSetting({ name: "origin", value: toUtf8(wanted) })
  return wanted
}
