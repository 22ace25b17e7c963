// What the operator decides: `nodoor.toml` and a few variables of the environment. Everything has a default that is safe on one's own machine.

import { readFileSync } from "node:fs"
import { isIP } from "node:net"
import { join } from "node:path"
import { parse } from "smol-toml"
import { isLoopback, isLoopbackOrigin } from "./delivery/address.ts"
import { type LogSettings, defaultLogSettings } from "./log/log-settings.ts"
import { ServerError } from "./server-error.ts"

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
  readonly mailboxDays: number
  readonly trustedProxies: readonly string[]
  readonly metricsToken: string | undefined
  readonly log: LogSettings
}

const cosignerLine = /^\S+ https?:\/\/\S+$/
const cosignerLines = 'lines of a verifier key and an address, such as "witness.example/anna+1a2b3c4d+BA… https://witness.example"'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the environment and the file (`NODOOR_CONFIG`, or `nodoor.toml` in the data directory if it exists).
 * @throws ServerError `config_invalid` naming the key and the fix, `secret_unreadable`
 */
export function loadConfig(environment: Environment): Config {
  const dataDir = environment["NODOOR_DATA"] ?? "./.data"
  const path = environment["NODOOR_CONFIG"] ?? join(dataDir, "nodoor.toml")
  const settings = new Settings(readToml(path, environment["NODOOR_CONFIG"] !== undefined), path)
  const host = environment["HOST"] ?? "127.0.0.1"
  const origin = environment["NODOOR_ORIGIN"] === undefined ? undefined : originOf(environment["NODOOR_ORIGIN"])
  const config: Config = {
    host,
    port: portOf(environment["PORT"]),
    dataDir,
    origin,
    registration: settings.choice("registration.mode", ["open", "invite", "closed"], undefined),
    email: {
      mode: settings.choice("email.mode", ["none", "optional", "required"], "optional"),
      domains: settings.texts("email.domains", /^[a-z0-9.-]+$/, 'domains in lower case, such as "example.org"'),
      smtpUrl: settings.secret("email.smtp_url", environment, "NODOOR_SMTP_URL"),
      from: settings.text("email.from"),
    },
    ipDays: settings.days("retention.ip_days", { from: 0, to: 90, otherwise: 7 }),
    mailboxDays: settings.days("retention.mailbox_days", { from: 1, to: 365, otherwise: 30 }),
    trustedProxies: settings.proxies("network.trusted_proxies"),
    metricsToken: settings.secret("metrics.token", environment, "NODOOR_METRICS_TOKEN"),
    log: {
      epochMs: settings.count("log.epoch_ms") ?? defaultLogSettings.epochMs,
      witnesses: settings.texts("log.witnesses", cosignerLine, cosignerLines),
      operators: settings.texts("log.operators", cosignerLine, cosignerLines),
      auditors: settings.texts("log.auditors", cosignerLine, cosignerLines),
      quorum: settings.count("log.quorum"),
      faults: settings.count("log.faults") ?? defaultLogSettings.faults,
      audits: settings.count("log.audits"),
    },
  }
  settings.refuseUnknown()
  if (config.email.smtpUrl !== undefined && !/^smtps?:\/\/\S+$/.test(config.email.smtpUrl)) {
    throw invalid("email.smtp_url", "write it as smtp://user:password@host:587 or smtps://…")
  }
  if (config.email.smtpUrl !== undefined && config.email.from === undefined)
    throw invalid("email.from", 'give the sender\'s address, for example "nodoor@example.org"')
  if (config.metricsToken !== undefined && config.metricsToken.length < 16)
    throw invalid("metrics.token", "make it 16 characters or longer")
  return config
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

function invalid(key: string, fix: string): ServerError {
  return new ServerError("config_invalid", `${key}: ${fix}`)
}

function portOf(text: string | undefined): number {
  if (text === undefined) return 8080
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw invalid("PORT", "set a number from 0 to 65535")
  return port
}

/** @throws ServerError `config_invalid` */
export function originOf(text: string): string {
  if (!/^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(text) || text.length > 255) {
    throw invalid(
      "NODOOR_ORIGIN",
      "set the name people reach the server under, lower case, such as chat.example.org or localhost:8080, without https://",
    )
  }
  return text
}

function readToml(path: string, required: boolean): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === "ENOENT") return {}
    throw new ServerError("config_invalid", `${path} cannot be read: check the path and its rights`, { cause: error })
  }
  try {
    return parse(text)
  } catch (error) {
    throw new ServerError(
      "config_invalid",
      `${path} is not TOML: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : "unreadable"}`,
      { cause: error },
    )
  }
}

/** Takes keys out of the file one by one; what is left over is unknown. */
class Settings {
  readonly #values = new Map<string, unknown>()
  readonly #known: string[] = []
  readonly #path: string

  constructor(file: Record<string, unknown>, path: string) {
    this.#path = path
    for (const [section, values] of Object.entries(file)) {
      if (values === null || typeof values !== "object" || Array.isArray(values)) this.#values.set(section, values)
      else for (const [key, value] of Object.entries(values)) this.#values.set(`${section}.${key}`, value)
    }
  }

  #take(key: string): unknown {
    const value = this.#values.get(key)
    this.#values.delete(key)
    this.#known.push(key)
    return value
  }

  choice<const Choice extends string, Otherwise extends Choice | undefined>(
    key: string,
    choices: readonly Choice[],
    otherwise: Otherwise,
  ): Choice | Otherwise {
    const value = this.#take(key)
    if (value === undefined) return otherwise
    const found = choices.find((choice) => choice === value)
    if (found === undefined) throw invalid(key, `set one of ${choices.map((choice) => `"${choice}"`).join(", ")}`)
    return found
  }

  days(key: string, bounds: { readonly from: number; readonly to: number; readonly otherwise: number }): number {
    const value = this.#take(key) ?? bounds.otherwise
    if (typeof value !== "number" || !Number.isInteger(value) || value < bounds.from || value > bounds.to) {
      throw invalid(key, `set a whole number of days from ${bounds.from} to ${bounds.to}`)
    }
    return value
  }

  count(key: string): number | undefined {
    const value = this.#take(key)
    if (value !== undefined && (typeof value !== "number" || !Number.isInteger(value) || value < 0))
      throw invalid(key, "set a whole number")
    return value as number | undefined
  }

  text(key: string): string | undefined {
    const value = this.#take(key)
    if (value !== undefined && (typeof value !== "string" || value === "")) throw invalid(key, "set a text in quotes")
    return value
  }

  texts(key: string, shape: RegExp, what: string): readonly string[] {
    const value = this.#take(key) ?? []
    const fits = Array.isArray(value) && value.every((item) => typeof item === "string" && shape.test(item))
    if (!fits) throw invalid(key, `set a list of ${what}`)
    return value as string[]
  }

  proxies(key: string): readonly string[] {
    const entries = this.texts(key, /^[0-9a-f.:]+(?:\/\d{1,3})?$/i, 'addresses or subnets, such as ["10.0.0.1", "fd00::/8"]')
    for (const entry of entries) {
      const [address = "", bits] = entry.split("/")
      const family = isIP(address)
      if (family === 0 || Number(bits ?? 0) > (family === 4 ? 32 : 128)) throw invalid(key, `${entry} is no address or subnet`)
    }
    return entries
  }

  /** From the variable, a file that `VARIABLE_FILE` or `key_file` names, or the file itself. */
  secret(key: string, environment: Environment, variable: string): string | undefined {
    const path = environment[`${variable}_FILE`] ?? this.text(`${key}_file`)
    const given = environment[variable] ?? this.text(key)
    if (path === undefined) return given
    try {
      return readFileSync(path, "utf8").trim()
    } catch (error) {
      throw new ServerError(
        "secret_unreadable",
        `${variable}_FILE or ${key}_file names a file that cannot be read: check the path and its rights`,
        { cause: error },
      )
    }
  }

  refuseUnknown(): void {
    const [key] = this.#values.keys()
    if (key === undefined) return
    throw new ServerError(
      "config_invalid",
      `${key}: ${this.#path} holds a key that this version does not know. Remove it, or did you mean ${nearest(key, this.#known)}?`,
    )
  }
}

/** The known key with the most letters in common, in order: enough for a slip of the finger. */
function nearest(key: string, known: readonly string[]): string {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, at) => at)
    for (let i = 1; i <= a.length; i++) {
      const next = [i]
      for (let j = 1; j <= b.length; j++) {
        next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
      }
      row = next
    }
    return row[b.length] ?? 0
  }
  return known.toSorted((a, b) => distance(key, a) - distance(key, b))[0] ?? "none"
}
