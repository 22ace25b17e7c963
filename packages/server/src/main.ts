// `nodoor-server`: what an operator types. Results go to standard output, the log to standard error.

import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { fromUtf8 } from "@nodoor/bytes"
import { outliveReaders } from "./command/closed-output.ts"
import { parseCommand } from "./command/command-line.ts"
import { type Config, loadConfig } from "./config/config.ts"
import { exampleFile } from "./config/reference.ts"
import { formatSettings, settingsInForce } from "./config/settings.ts"
import { dataDirOf } from "./config/sources.ts"
import { dataDirPaths, prepareDataDir, takeDataDir } from "./sqlite/data-dir.ts"
import { runCanaryCommand } from "./command/canary-command.ts"
import { runDeskCommand } from "./command/desk-command.ts"
import { openDeskFile } from "./desk/open-desk.ts"
import { isLoopbackOrigin } from "./core/address.ts"
import { examine, formatFindings, logFinding } from "./operator/doctor.ts"
import { loadWebBundle } from "./http/web-bundle.ts"
import { logAgeFinding, newestEpochMs } from "./keylog/log-age.ts"
import { logFilesIn, runLogCommand } from "./command/log-command.ts"
import { planLog } from "./keylog/log-settings.ts"
import { backUp, restore } from "./operator/backup.ts"
import { runInviteCommand } from "./command/invite-command.ts"
import { versionsOf } from "./operator/schema-version.ts"
import { type ServerAct, serverActs } from "./operator/server-act.ts"
import { runUserCommand } from "./command/user-command.ts"
import { ServerError, type ServerErrorCode } from "./core/server-error.ts"
import { type RunningServer, startServer } from "./start-server.ts"
import { openInProcessStore } from "./store/sqlite/in-process.ts"
import type { Store } from "./store/store.ts"
import { complain, say, sayQr } from "./command/terminal.ts"
import { usage } from "./command/usage.ts"
import { version } from "./core/version.ts"

const clock = { nowMs: () => Date.now() }
const random = (sizeBytes: number): Uint8Array => new Uint8Array(randomBytes(sizeBytes))

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2))
  switch (command.name) {
    case "help":
      return say(usage)
    case "version":
      return say(version)
    case "start":
      return start(loadConfig(process.env))
    case "doctor":
      return withStore(loadConfig(process.env), async (store, config) => {
        const noted = await store.notedSetting({ name: "origin" })
        const origin = config.origin ?? (noted && fromUtf8(noted))
        const webBundle = loadWebBundle(fileURLToPath(new URL("../../web/dist", import.meta.url))) !== undefined
        const nowMs = clock.nowMs()
        const publishedAtMs = newestEpochMs(logFilesIn(config.dataDir).databasePath)
        const findings = [
          ...(await examine({ config, store, origin, webBundle, thorough: true, nowMs })),
          logAgeFinding({ publishedAtMs, nowMs }),
        ]
        say(formatFindings(findings))
        if (findings.some(({ level }) => level === "bad")) process.exitCode = 1
      })
    case "invite":
      return withStore(loadConfig(process.env), async (store, config) => {
        const noted = await store.notedSetting({ name: "origin" })
        const origin = config.origin ?? (noted === undefined ? `localhost:${config.port}` : fromUtf8(noted))
        const linkOf = (code: string): string => inviteLink(baseOf(origin), code)
        await withDeskLog(config, (act) => runInviteCommand(command.invite, { store, clock, random, act, say, linkOf }))
      })
    case "user":
      return withStore(loadConfig(process.env), (store, config) =>
        withDeskLog(config, (act) => runUserCommand(command.user, { store, act, say })),
      )
    case "desk": {
      const { dataDir, consoleOrigin } = loadConfig(process.env)
      return runDeskCommand(command.words, { dataDir, consoleOrigin, clock, random, say })
    }
    case "canary":
      return runCanaryCommand(command.words, { dataDir: loadConfig(process.env).dataDir, clock, say })
    case "backup":
      return say(
        `${backUp(loadConfig(process.env).dataDir, command.folder, { nowMs: clock.nowMs(), server: version })} files in ${command.folder}`,
      )
    case "restore":
      return say(`${restore(command.folder, dataDirOf(process.env))} files restored; nodoor-server doctor looks at them`)
    case "migrate":
      for (const { path, found, known } of versionsOf(loadConfig(process.env).dataDir))
        say(
          `${path}: ${found === undefined ? "will be made" : found === known ? `schema ${found}, nothing to do` : `schema ${found} becomes ${known}`}`,
        )
      return
    case "config check": {
      const { log, origin = "localhost" } = loadConfig(process.env)
      planLog(log, `${origin}/kt/1`)
      return say(`${formatSettings(settingsInForce(process.env))}\n\nThe configuration is sound.`)
    }
    case "config example":
      return say(exampleFile().trimEnd())
    case "log": {
      const { dataDir } = loadConfig(process.env)
      const taken = takeDataDir(dataDir)
      try {
        return say(runLogCommand(dataDir, command.log, { clock, random }))
      } finally {
        taken.release()
      }
    }
  }
}

/** Runs on the database file of a server that may be running: SQLite keeps them apart. */
async function withStore(config: Config, run: (store: Store, config: Config) => Promise<void>): Promise<void> {
  prepareDataDir(config.dataDir)
  const store = openInProcessStore(dataDirPaths(config.dataDir).databasePath)
  try {
    await run(store, config)
  } finally {
    await store.close()
  }
}

/** The desk's log, for what is done here. */
async function withDeskLog(config: Config, run: (act: ServerAct) => Promise<void>): Promise<void> {
  const db = openDeskFile(config.dataDir)
  try {
    await run(serverActs(db, clock))
  } finally {
    db.close()
  }
}

async function start(config: Config): Promise<void> {
  const fresh = !existsSync(dataDirPaths(config.dataDir).databasePath)
  const server = await startServer({
    dataDir: config.dataDir,
    host: config.host,
    port: config.port,
    config,
    settings: settingsInForce(process.env),
  })
  stopOnSignal(server)
  const [code] = await server.createInvites({ count: 1, days: 7, uses: 20, label: "start", only: true })
  const base = isLoopbackOrigin(server.origin) ? server.url : baseOf(server.origin)
  const link = inviteLink(base, code as string)
  const { store, origin, webBundle } = server
  const findings = await examine({
    config: { ...config, port: server.port },
    store,
    origin,
    webBundle,
    thorough: false,
    nowMs: clock.nowMs(),
  })
  say(`Nodoor ${version}${fresh ? ", a new server" : ""}: ${server.url}`)
  say(`Accounts are bound to ${server.origin}`)
  const firstLink = server.consoleHasPeople()
    ? ""
    : "; nobody may sign in yet: nodoor-server desk operator invite NAME makes the first link"
  say(`Operator's console: ${server.consoleUrl}${firstLink}\n`)
  say(`Invite link, for 20 people within 7 days; each start makes another and voids this one:\n${link}\n`)
  sayQr(link)
  say("")
  const { publishedAtMs } = await server.keyLog.keeper.status({})
  say(formatFindings([...findings, logFinding(config.log, server.keyLog.state, { publishedAtMs, nowMs: clock.nowMs() })]))
  say("\nCtrl-C stops it; starting again finds everything.")
}

function stopOnSignal(server: RunningServer): void {
  let asked = false
  const stop = (): void => {
    if (asked) process.exit(1)
    asked = true
    complain("stopping; once more to stop at once")
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  process.on("SIGINT", stop)
  process.on("SIGTERM", stop)
}

/** A name of one's own machine is plain HTTP; everything else is behind TLS. */
function baseOf(origin: string): string {
  return `${isLoopbackOrigin(origin) ? "http" : "https"}://${origin}`
}

function inviteLink(base: string, code: string): string {
  return `${base}/i/${code}`
}

function exitCodeOf(code: ServerErrorCode): number {
  switch (code) {
    case "usage":
    case "config_invalid":
    case "secret_unreadable":
    case "origin_changed":
      return 2
    case "data_dir_unusable":
    case "data_dir_in_use":
    case "disk_full":
    case "database_newer":
    case "database_foreign":
    case "database_damaged":
    case "log_keys_unreadable":
    case "log_lost":
    case "log_behind_witness":
    case "log_behind_accounts":
    case "log_raced":
      return 3
    case "port_in_use":
    case "port_refused":
      return 4
    case "mail_failed":
    case "log_refused":
    case "backup_refused":
    case "desk_refused":
    case "desk_damaged":
    case "operator_unknown":
    case "operator_forbidden":
    case "passkey_refused":
    case "enrolment_invalid":
    case "account_unknown":
    case "invite_unknown":
      return 1
  }
}

function fail(error: unknown): never {
  if (error instanceof ServerError) {
    complain(`nodoor-server: ${error.message} (${error.code})`)
    if (error.code === "usage") complain("nodoor-server --help lists the commands")
    process.exit(exitCodeOf(error.code))
  }
  complain(`nodoor-server: ${error instanceof Error ? (error.stack ?? error.message) : "failed"}`)
  process.exit(1)
}

outliveReaders()
// What nobody caught would be printed by Node as it is.
process.on("uncaughtException", fail)
try {
  await main()
} catch (error) {
  fail(error)
}
