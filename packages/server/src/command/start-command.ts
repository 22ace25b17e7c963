// `nodoor-server start`: runs the server until it is asked to stop.

import { existsSync } from "node:fs"
import process from "node:process"
import { type Command, buildCommand } from "@stricli/core"
import { loadConfig } from "../config/config.ts"
import { settingsInForce } from "../config/settings.ts"
import { isLoopbackOrigin } from "../core/address.ts"
import { version } from "../core/version.ts"
import { examine, formatFindings, logFinding } from "../operator/doctor.ts"
import { dataDirPaths } from "../sqlite/data-dir.ts"
import { type RunningServer, startServer } from "../service/start-server.ts"
import type { ServerContext } from "./context.ts"
import { exitCodeOf, explain } from "./exit-code.ts"
import { baseOf, inviteLink } from "./links.ts"

export const start: Command<ServerContext> = buildCommand<Record<never, never>, [], ServerContext>({
  docs: { brief: "Run the server (also without a command)" },
  parameters: {},
  async func() {
    const config = loadConfig(this.env)
    const fresh = !existsSync(dataDirPaths(config.dataDir).databasePath)
    const settings = settingsInForce(this.env)
    const server = await startServer({ dataDir: config.dataDir, host: config.host, port: config.port, config, settings })
    stopOnSignal(server, this.complain)
    const [code] = await server.createInvites({ count: 1, days: 7, uses: 20, label: "start", only: true })
    const link = inviteLink(isLoopbackOrigin(server.origin) ? server.url : baseOf(server.origin), code as string)
    const nowMs = this.clock.nowMs()
    const { store, deliveryStore, origin, webBundle, port } = server
    const findings = await examine({ config: { ...config, port }, store, deliveryStore, origin, webBundle, thorough: false, nowMs })
    const { publishedAtMs } = await server.keyLog.keeper.status({})
    this.say(`Nodoor ${version}${fresh ? ", a new server" : ""}: ${server.url}`)
    this.say(`Accounts are bound to ${server.origin}`)
    this.say(`Operator's console: ${server.consoleUrl}`)
    if (!server.consoleHasPeople())
      this.say("Nobody can sign in to the console yet. To make the first link, run: nodoor-server desk operator invite NAME")
    this.say(`\nInvite link for 20 people, valid for 7 days. Each start makes a new one and cancels this one:\n${link}\n`)
    this.sayQr(link)
    this.say("")
    this.say(formatFindings([...findings, logFinding(config.log, server.keyLog.state, { publishedAtMs, nowMs })]))
    this.say("\nPress Ctrl-C to stop. Nothing is lost.")
  },
})

function stopOnSignal(server: RunningServer, complain: (text: string) => void): void {
  let asked = false
  const stop = (): void => {
    if (asked) process.exit(1)
    asked = true
    complain("Stopping. Press Ctrl-C again to stop at once.")
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        complain(explain(error))
        process.exit(exitCodeOf(error))
      },
    )
  }
  process.on("SIGINT", stop)
  process.on("SIGTERM", stop)
}
