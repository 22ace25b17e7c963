// A real server on a real socket. It is a list of services (`service/`), built here and then started, swept and closed alike.

import { randomBytes } from "node:crypto"
import { fileURLToPath } from "node:url"
import { getRequestListener } from "@hono/node-server"
import { type Config, loadConfig, registrationOf } from "../config/config.ts"
import { type SettingsInForce, settingsInForce } from "../config/settings.ts"
import type { ConsoleRates } from "../console/console.ts"
import { openConsole } from "../console/open-console.ts"
import { createLog } from "../core/logger.ts"
import type { Clock, Log, Mailer, Random } from "../core/ports.ts"
import { systemTimer } from "../core/system-timer.ts"
import { version } from "../core/version.ts"
import { type AccountService, createAccountService } from "../accounts/account-service.ts"
import { directoryFiles } from "../delivery/blob/directory-files.ts"
import { type DeliveryHalf, createDeliveryHalf } from "../delivery/delivery-half.ts"
import { type DeliveryRates, defaultDeliveryRates } from "../delivery/log/rate.ts"
import { type Budgets, defaultBudgets } from "../delivery/pass/passes.ts"
import type { DeliveryStore } from "../delivery/store/delivery-store.ts"
import { openDeliveryStoreThread } from "../delivery/store/sqlite/thread.ts"
import { createOutboxMailer, createSmtpMailer } from "../accounts/mail.ts"
import type { AccountServiceOptions } from "../accounts/options.ts"
import { archivesInThread } from "../desk/archive/archive-thread.ts"
import { type CanaryState, canaryState } from "../desk/canary/canary.ts"
import { publishedCanary } from "../desk/canary/published-canary.ts"
import { deskOf, deskPaths, loadExportKey, openDeskFile } from "../desk/open-desk.ts"
import { relyingPartyOf } from "../desk/people/passkey-proof.ts"
import { activePeople } from "../desk/people/person.ts"
import { createApp } from "../http/app.ts"
import { serveBlobs } from "../http/blob-requests.ts"
import { bodyTickMs, createBodyBudget } from "../http/body-budget.ts"
import { createClientAddress } from "../http/client-address.ts"
import { limitConnections } from "../http/connection-limit.ts"
import { type HttpTimeouts, inUrl, listenHttp } from "../http/http-server.ts"
import { createSites } from "../http/sites.ts"
import { type DeliverySocketOptions, defaultDeliverySocketOptions, serveDelivery } from "../http/delivery-sockets.ts"
import { loadWebBundle } from "../http/web-bundle.ts"
import { type LogService, startLogService } from "../keylog/log-service.ts"
import { defaultLogSettings } from "../keylog/log-settings.ts"
import { nodeNetwork } from "../keylog/node-network.ts"
import type { LogNetwork } from "../keylog/witness-client.ts"
import { type NewInvites, createInvites } from "../operator/invite.ts"
import { createMetrics } from "../operator/metrics.ts"
import { settleOrigin } from "../operator/origin.ts"
import { createProtocol } from "../route/protocol.ts"
import { type Rates, defaultRates } from "../route/rate-limit.ts"
import { canaryService } from "./canary-service.ts"
import { consoleService } from "./console-service.ts"
import { accountService } from "./account-service.ts"
import { deskService } from "./desk-service.ts"
import { keyLogService } from "./key-log-service.ts"
import { monitoringService } from "./monitoring-service.ts"
import { deliveryHalfService } from "./delivery-half-service.ts"
import { type Service, closeServices, startSweeps } from "./service.ts"
import { storeService } from "./store-service.ts"
import { webService } from "./web-service.ts"
import { type DataDir, dataDirPaths, takeDataDir } from "../sqlite/data-dir.ts"
import { openStoreThread } from "../accounts/store/sqlite/thread.ts"
import type { Store } from "../accounts/store/store.ts"

export interface StartOptions {
  readonly dataDir: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Any part of the configuration; the rest has the defaults of `loadConfig`. */
  readonly config?: Partial<Omit<Config, "host" | "port" | "dataDir">>
  /** The configuration as the console shows it; default: that of a server without variables. */
  readonly settings?: SettingsInForce
  readonly rates?: Partial<Rates>
  readonly consoleRates?: ConsoleRates
  readonly deliveryRates?: Partial<DeliveryRates>
  /** What one pass pays for. */
  readonly deliveryBudgets?: Partial<Budgets>
  readonly deliverySockets?: Partial<DeliverySocketOptions>
  /** `bodyTickMs`: how often the speed of request bodies is checked. */
  readonly timeouts?: HttpTimeouts & { readonly bodyTickMs?: number }
  readonly clock?: Clock
  readonly random?: Random
  readonly mailer?: Mailer
  /** How the log reaches witnesses and auditors. */
  readonly logNetwork?: LogNetwork
  /** Receives the log's lines; default: standard error. */
  readonly log?: (line: string) => void
  /** The built web app; default: that of this repository. */
  readonly webDir?: string
  /** The script of the thread that makes archives; default: that of this package. */
  readonly archiveScript?: URL
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
  readonly accounts: AccountService
  readonly delivery: DeliveryHalf
  readonly store: Store
  readonly deliveryStore: DeliveryStore
  readonly keyLog: LogService
  createInvites(invites: NewInvites): Promise<string[]>
  /** Answers what is under way, writes everything, releases port and directory. */
  stop(): Promise<void>
}

/** @throws ServerError `data_dir_unusable`, `data_dir_in_use`, `database_…`, `origin_changed`, `port_in_use`, `port_refused` */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 0, config = {} } = options
  const clock = options.clock ?? { nowMs: () => Date.now() }
  const random = options.random ?? ((sizeBytes: number) => new Uint8Array(randomBytes(sizeBytes)))
  const log = createLog(options.log)
  const meter = createMetrics()
  const ports = { clock, random, log, meter }
  const dataDir = takeDataDir(options.dataDir)
  const services: Service[] = [{ close: dataDir.release }]
  try {
    const store = await openStoreThread(dataDir.databasePath, ports)
    services.push(storeService({ store, clock }))
    const http = await listenHttp({ host, port, timeouts: options.timeouts })
    services.push({ close: http.close })
    const origin = await settleOrigin(store, { wanted: config.origin, host, port: http.port })
    const keyLog = await startLogService(
      { ...ports, store, network: options.logNetwork ?? nodeNetwork() },
      { dataDir: options.dataDir, accountOrigin: origin, settings: { ...defaultLogSettings, ...config.log } },
    )
    services.push({ close: keyLog.close })
    const mailer = options.mailer ?? mailerOf(config, dataDir, ports)
    const accounts = await createAccountService(
      {
        ...ports,
        store,
        mailer,
        turn: (run) => void setImmediate(run),
        timer: systemTimer,
        accountsChanged: keyLog.changed,
        loggedTokenKey: keyLog.tokenKey,
      },
      accountOptions(options, { host, origin }),
    )
    const { rateLimit, sessions, appendState } = accounts

    const deliveryStore = await openDeliveryStoreThread(dataDir.delivery, ports)
    const half = await createDeliveryHalf(
      {
        ...ports,
        store: deliveryStore,
        blobFiles: await directoryFiles(dataDir.delivery.blobs, clock),
        turn: (run) => void setImmediate(run),
        // All that one half learns of the other: public keys.
        tokenKeys: accounts.tokenKeys,
        meter: meter.delivery,
      },
      {
        origin,
        messageDays: config.messageDays ?? 30,
        groupMaxBytes: (config.groupMb ?? 256) * 1_000_000,
        blobsMaxBytes: (config.blobsMb ?? 20_000) * 1_000_000,
        rates: { ...defaultDeliveryRates, ...options.deliveryRates },
        budgets: { ...defaultBudgets, ...options.deliveryBudgets },
      },
    )
    deliveryStore.whenAcksWanted(() => void half.writeAcks().catch(() => log("warn", "delivery_acks_unwritten")))
    services.push(deliveryHalfService({ half, store: deliveryStore, clock }))

    const desk = openDeskParts({ ...ports, store }, options, origin)
    services.push({ close: desk.close })
    const canary = (): CanaryState => canaryState(publishedCanary(options.dataDir), clock.nowMs())
    const web = loadWebBundle(
      options.webDir ?? fileURLToPath(new URL("../../../web/dist", import.meta.url)),
      [config.readHost, config.postHost].filter((name) => name !== undefined),
    )
    const { consoleOrigin } = desk
    const console = openConsole(
      { ...ports, ...desk, store, deliveryStore, accounts, deliveryHalf: half, keyLog, canary },
      {
        config: { ...loadConfig({ NODOOR_DATA: options.dataDir }), ...config, host, port: http.port, dataDir: options.dataDir },
        settings: options.settings ?? settingsInForce({ NODOOR_DATA: options.dataDir }),
        origin,
        consoleOrigin,
        url: relyingPartyOf(origin).origin,
        webBundle: web !== undefined,
        rates: options.consoleRates,
      },
    )
    const bodies = createBodyBudget()
    let stopping = false
    const ready = (): Promise<boolean> => (stopping ? Promise.resolve(false) : answers(store))
    services.push(
      keyLogService(keyLog, { rateLimit, appendState }),
      accountService(accounts),
      deskService({ ...ports, ...desk, keyLog, rateLimit, canary, origin }),
      canaryService(options.dataDir),
      consoleService(console),
      monitoringService({ metrics: () => meter.text(), metricsToken: config.metricsToken, ready }),
      { sweeps: [{ everyMs: options.timeouts?.bodyTickMs ?? bodyTickMs, atStart: false, failed: "sweep_failed", run: bodies.tick }] },
      webService(web, origin),
    )

    const protocol = createProtocol(
      { clock, log, meter, rateLimit, sessions },
      services.flatMap(({ routes }) => routes ?? []),
    )
    const sites = createSites({ console: config.consoleOrigin, read: config.readHost, post: config.postHost })
    const clientAddress = createClientAddress(config.trustedProxies ?? [], log)
    const app = createApp({
      mounts: [...services.flatMap(({ mounts }) => mounts ?? []), { prefix: "/v1/", dispatcher: protocol }],
      pages: services.flatMap(({ pages }) => pages ?? []),
      clientAddress,
      bodies,
      sites,
      log,
    })
    await accounts.sweep()
    limitConnections(http.server, clientAddress.isProxy)
    const listener = getRequestListener(app.fetch, { hostname: inUrl(host), overrideGlobalObjects: false })
    http.serve(serveBlobs({ answer: half.blob, clientAddress, sites, log }, (...call) => void listener(...call)))
    const endDelivery = serveDelivery(
      http.server,
      { streams: half, clientAddress, sites },
      { ...defaultDeliverySocketOptions, ...options.deliverySockets },
    )
    const stopSweeps = startSweeps(services, log)

    let stopped: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      stopping = true
      accounts.close()
      await Promise.all([stopSweeps(), endDelivery(), http.close()])
      await closeServices(services)
    }
    return {
      url: http.url,
      port: http.port,
      origin,
      webBundle: web !== undefined,
      consoleUrl: `${relyingPartyOf(consoleOrigin).origin}/operator`,
      consoleHasPeople: () => activePeople(desk.db).length > 0,
      accounts,
      delivery: half,
      store,
      deliveryStore,
      keyLog,
      createInvites: (invites) => createInvites({ store, clock, random }, invites),
      stop: () => (stopped ??= stop()),
    }
  } catch (error) {
    await closeServices(services)
    throw error
  }
}

/** Whether the store answers. */
function answers(store: Store): Promise<boolean> {
  return store.notedSetting({ name: "origin" }).then(
    () => true,
    () => false,
  )
}

type Ports = { readonly clock: Clock; readonly random: Random; readonly log: Log; readonly store: Store }

function mailerOf({ email }: Partial<Config>, { outboxPath }: DataDir, ports: Pick<Ports, "clock" | "random">): Mailer {
  return email?.smtpUrl !== undefined && email.from !== undefined
    ? createSmtpMailer({ smtpUrl: email.smtpUrl, from: email.from })
    : createOutboxMailer(outboxPath, ports)
}

function accountOptions(
  { config = {}, rates }: StartOptions,
  { host, origin }: { readonly host: string; readonly origin: string },
): AccountServiceOptions {
  return {
    origin,
    version,
    registration: registrationOf({ host, registration: config.registration, trustedProxies: config.trustedProxies ?? [] }, origin),
    email: config.email ?? { mode: "optional", domains: [] },
    ipDays: config.ipDays ?? 7,
    messageDays: config.messageDays ?? 30,
    inactiveDays: config.inactiveDays ?? 365,
    readHost: config.readHost,
    postHost: config.postHost,
    accountsMax: config.accountsMax ?? 0,
    rates: { ...defaultRates, ...rates },
  }
}

/** The desk with its files, and the thread that makes its archives. */
function openDeskParts({ clock, random, log, store }: Ports, { dataDir, config = {}, archiveScript }: StartOptions, origin: string) {
  const { databasePath: deskDatabasePath, logDatabasePath, exportKeyPath } = deskPaths(dataDir)
  const { databasePath } = dataDirPaths(dataDir)
  const db = openDeskFile(dataDir)
  const exportKey = loadExportKey(dataDir, random)
  const files = { databasePath, deskDatabasePath, logDatabasePath, exportKeyPath, origin }
  const archives = archivesInThread(files, log, archiveScript)
  const consoleOrigin = config.consoleOrigin ?? origin
  const { desk, people } = deskOf({ db, store, clock, random, dataDir, archives, consoleOrigin })
  const close = async (): Promise<void> => {
    await archives.close()
    db.close()
  }
  return { desk, people, db, archives, logDatabasePath, exportKey: exportKey.publicKey, consoleOrigin, close }
}
