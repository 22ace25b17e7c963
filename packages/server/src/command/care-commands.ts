// Commands that look after the server: its health, its settings, its backups.

import { fileURLToPath } from "node:url"
import { DatabaseSync } from "node:sqlite"
import { fromUtf8 } from "@nodoor/bytes"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { loadConfig } from "../config/config.ts"
import { exampleFile } from "../config/reference.ts"
import { formatSettings, settingsInForce } from "../config/settings.ts"
import { dataDirOf } from "../config/sources.ts"
import { ServerError } from "../core/server-error.ts"
import { version } from "../core/version.ts"
import { loadWebBundle } from "../http/web-bundle.ts"
import { logAgeFinding, newestEpochMs } from "../keylog/log-age.ts"
import { logFilesIn } from "../keylog/log-maintenance.ts"
import { planLog } from "../keylog/log-settings.ts"
import { backUp, restore as restoreFrom } from "../operator/backup.ts"
import { type Examined, examine, formatFindings } from "../operator/doctor.ts"
import { versionsOf } from "../operator/schema-version.ts"
import { dataDirPaths } from "../sqlite/data-dir.ts"
import { type ServerContext, withStore } from "./context.ts"
import { fileArgument } from "./parameters.ts"

type Plain = Record<never, never>

export const doctor: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: {
    brief: "Check configuration, disk, database, clock and backups",
    fullDescription:
      "Reads both databases through, which takes seconds per gigabyte. Works while the server runs. Exit code 1 if something does not work.",
  },
  parameters: {},
  func() {
    return withStore(this, async (store, config) => {
      const noted = await store.notedSetting({ name: "origin" })
      const origin = config.origin ?? (noted && fromUtf8(noted))
      const webBundle = loadWebBundle(fileURLToPath(new URL("../../../web/dist", import.meta.url))) !== undefined
      const nowMs = this.clock.nowMs()
      const publishedAtMs = newestEpochMs(logFilesIn(config.dataDir).databasePath)
      const findings = [
        ...(await examine({ config, store, deliveryStore: deliveryFile(config.dataDir), origin, webBundle, thorough: true, nowMs })),
        logAgeFinding({ publishedAtMs, nowMs }),
      ]
      this.say(formatFindings(findings))
      if (findings.some(({ level }) => level === "bad")) this.endBadly()
    })
  },
})

/** The delivery service's database beside a server that may be running: only read. */
function deliveryFile(dataDir: string): Examined["deliveryStore"] {
  return {
    integrity: async () => {
      try {
        const db = new DatabaseSync(dataDirPaths(dataDir).delivery.database, { readOnly: true })
        try {
          return (db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string }).quick_check
        } finally {
          db.close()
        }
      } catch {
        return "unreadable"
      }
    },
    blobDepth: async () => {
      try {
        const db = new DatabaseSync(dataDirPaths(dataDir).delivery.database, { readOnly: true })
        try {
          const sql =
            "SELECT count(*) AS blobs, coalesce(sum(size), 0) AS bytes FROM (SELECT size FROM blobs UNION ALL SELECT size FROM uploads)"
          return db.prepare(sql).get() as { blobs: number; bytes: number }
        } finally {
          db.close()
        }
      } catch {
        // What is wrong with the database is said in its own line.
        return { blobs: 0, bytes: 0 }
      }
    },
  }
}

const check: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: { brief: "List every setting with its source, and check them all" },
  parameters: {},
  func() {
    const { log, origin = "localhost" } = loadConfig(this.env)
    planLog(log, `${origin}/kt/1`)
    this.say(`${formatSettings(settingsInForce(this.env))}\n\nThe configuration is valid.`)
  },
})

const example: Command<ServerContext> = buildCommand<Plain, [], ServerContext>({
  docs: { brief: "Print a nodoor.toml with every key, its default and what it does" },
  parameters: {},
  func() {
    this.say(exampleFile().trimEnd())
  },
})

export const config: RouteMap<ServerContext> = buildRouteMap({
  docs: { brief: "Check the settings, or print an example file" },
  routes: { check, example },
})

export const migrate: Command<ServerContext> = buildCommand<{ readonly dryRun: boolean }, [], ServerContext>({
  docs: {
    brief: "Show which databases the next start would upgrade",
    fullDescription: "The server upgrades its databases when it starts. This command only shows what it would do, and changes nothing.",
  },
  parameters: {
    flags: {
      dryRun: { kind: "boolean", brief: "Required, because the server upgrades when it starts", default: false, withNegated: false },
    },
  },
  func({ dryRun }) {
    if (!dryRun) throw new ServerError("usage", "The server upgrades its databases when it starts. Add --dry-run to see what it would do.")
    for (const { path, found, known } of versionsOf(loadConfig(this.env).dataDir)) {
      const what =
        found === undefined ? "will be created" : found === known ? `schema ${found}, up to date` : `schema ${found} becomes ${known}`
      this.say(`${path}: ${what}`)
    }
  },
})

export const backup: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: {
    brief: "Copy everything into a new folder",
    fullDescription: "Works while the server runs. The folder must not exist yet. It holds keys: keep it as safe as the server.",
  },
  parameters: { positional: { kind: "tuple", parameters: [fileArgument("New folder for the backup", "folder")] } },
  func(_flags, folder) {
    const count = backUp(loadConfig(this.env).dataDir, folder, { nowMs: this.clock.nowMs(), server: version })
    this.say(`Backed up ${count} files to ${folder}`)
  },
})

export const restore: Command<ServerContext> = buildCommand<Plain, [string], ServerContext>({
  docs: { brief: "Copy a backup into an empty data directory" },
  parameters: { positional: { kind: "tuple", parameters: [fileArgument("Folder of the backup", "folder")] } },
  func(_flags, folder) {
    const count = restoreFrom(folder, dataDirOf(this.env))
    this.say(`Restored ${count} files. Run nodoor-server doctor to check them.`)
  },
})
