// The operator's configuration: `nodoor.toml` and environment variables. Every default is safe on your own machine.

import { readSetting } from "./settings.ts"
import { type Environment, openSources } from "./sources.ts"
import type { ConfigKeyName, SettingValue } from "./keys.ts"
import { invalid } from "./value.ts"
import { isLoopback, isLoopbackOrigin } from "../core/address.ts"
import type { LogSettings } from "../keylog/log-settings.ts"

export interface Config {
  readonly host: string
  readonly port: number
  readonly dataDir: string
  /** Undefined: as noted in the database, or else made of host and port. */
  readonly origin: string | undefined
  /** Undefined: as `registrationOf` says. */
  readonly registration: "open" | "invite" | "closed" | undefined
  readonly email: {
    readonly mode: "none" | "optional" | "required"
    readonly domains: readonly string[]
    readonly smtpUrl: string | undefined
    readonly from: string | undefined
  }
  readonly ipDays: number
  readonly messageDays: number
  /** 0: never. */
  readonly inactiveDays: number
  /** 0: any number. */
  readonly accountsMax: number
  /** Megabytes. */
  readonly trustedProxies: readonly string[]
  /** Undefined: that of the messenger. */
  readonly consoleOrigin: string | undefined
  /** Names of their own for the streams; undefined: that of the messenger. */
  readonly readHost: string | undefined
  readonly postHost: string | undefined
  /** Megabytes that may wait in one group's log. */
  readonly groupMb: number
  /** Megabytes that all blobs may take. */
  readonly blobsMb: number
  readonly metricsToken: string | undefined
  readonly log: LogSettings
}

/**
 * Every key of `config/keys.ts` from its variable, else from the file, else its default.
 * @throws ServerError `config_invalid` naming the key, where it stands and the fix; `secret_unreadable`
 */
export function loadConfig(environment: Environment): Config {
  const sources = openSources(environment)
  const take = <Name extends ConfigKeyName>(name: Name): SettingValue<Name> => readSetting(sources, name)
  const config: Config = {
    host: take("server.host"),
    port: take("server.port"),
    dataDir: sources.dataDir,
    origin: take("server.origin"),
    registration: take("registration.mode"),
    email: {
      mode: take("email.mode"),
      domains: take("email.domains"),
      smtpUrl: take("email.smtp_url"),
      from: take("email.from"),
    },
    ipDays: take("retention.ip_days"),
    messageDays: take("retention.message_days"),
    inactiveDays: take("retention.inactive_days"),
    accountsMax: take("quota.accounts"),
    trustedProxies: take("network.trusted_proxies"),
    consoleOrigin: take("console.origin"),
    readHost: take("delivery.read_host"),
    postHost: take("delivery.post_host"),
    groupMb: take("quota.group_mb"),
    blobsMb: take("quota.blobs_mb"),
    metricsToken: take("metrics.token"),
    log: {
      epochMs: take("log.epoch_ms"),
      witnesses: take("log.witnesses"),
      operators: take("log.operators"),
      auditors: take("log.auditors"),
      quorum: take("log.quorum"),
      faults: take("log.faults"),
      audits: take("log.audits"),
    },
  }
  if (config.email.smtpUrl !== undefined && config.email.from === undefined)
    throw invalid("email.from", 'give the sender\'s address, for example "nodoor@example.org"; email.smtp_url needs it')
  if (config.inactiveDays > 0 && config.inactiveDays < 30)
    throw invalid("retention.inactive_days", "set 30 days or more, or 0 to keep unused accounts")
  checkStreamNames(config)
  return config
}

/** A name that also carries something else is none of its own. */
function checkStreamNames({ origin, consoleOrigin, readHost, postHost }: Config): void {
  for (const [key, name, others] of [
    ["delivery.read_host", readHost, [origin, consoleOrigin, postHost]],
    ["delivery.post_host", postHost, [origin, consoleOrigin]],
  ] as const)
    if (name !== undefined && others.includes(name)) throw invalid(key, "set a name that is used for nothing else")
}

/**
 * How people get in: as the operator said, else open on one's own machine and by invite elsewhere. A name of its own, or a proxy before
 * it, says that others than this machine reach a server that listens on loopback.
 */
export function registrationOf(
  config: Pick<Config, "host" | "registration" | "trustedProxies">,
  origin: string,
): "open" | "invite" | "closed" {
  const own = isLoopback(config.host) && isLoopbackOrigin(origin) && config.trustedProxies.length === 0
  return config.registration ?? (own ? "open" : "invite")
}
