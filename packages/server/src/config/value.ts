// From what stands in the file or in a variable to the value of a key, or a refusal that names the key, the place and the fix.

import { isIP } from "node:net"
import { ServerError } from "../core/server-error.ts"
import type { ConfigKey, Shape } from "./keys.ts"

export type Value = string | number | readonly string[]

/** Where a value stands: named in refusals, together with the key. */
export interface Given {
  readonly name: string
  readonly where: string
  readonly raw: unknown
}

/** @throws ServerError `config_invalid`; never holds the value, which may be a secret */
export function valueOf(key: ConfigKey, given: Given): Value {
  const value = read(key, given.raw)
  if (value === undefined) throw invalid(given.name, `set ${takenBy(key)}${suchAs(key)}`, given.where)
  return value
}

/** The text of a variable as the file would hold it: numbers as digits, lists separated by commas or one a line. */
export function rawOfText(key: ConfigKey, text: string): unknown {
  if (key.kind === "count") return /^\d{1,9}$/.test(text) ? Number(text) : text
  if (key.kind !== "list") return text
  return text
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== "")
}

/** What a key takes, in words. */
export function takenBy(key: ConfigKey): string {
  switch (key.kind) {
    case "count": {
      const unit = key.unit === undefined ? "" : ` of ${{ days: "days", ms: "milliseconds", MB: "megabytes" }[key.unit]}`
      return `a whole number${unit} from ${key.from} to ${key.to}`
    }
    case "choice":
      return `one of ${key.of.map((choice) => `"${choice}"`).join(", ")}`
    case "text":
      return forms[key.shape].what
    case "list":
      return `a list, each of it ${forms[key.shape].what}`
  }
}

/** A value that the key takes: its default if it has one. */
export function exampleOf(key: ConfigKey): Value {
  switch (key.kind) {
    case "count":
      return key.default ?? key.example ?? key.from
    case "choice":
      return key.default ?? key.of[0] ?? ""
    case "text":
      return key.default ?? key.example ?? forms[key.shape].example
    case "list":
      return [forms[key.shape].example]
  }
}

export function invalid(name: string, fix: string, where?: string): ServerError {
  return new ServerError("config_invalid", `${name}${where === undefined ? "" : ` (${where})`}: ${fix}`)
}

function suchAs(key: ConfigKey): string {
  return key.kind === "text" || key.kind === "list" ? `, such as ${JSON.stringify(exampleOf(key))}` : ""
}

function read(key: ConfigKey, raw: unknown): Value | undefined {
  switch (key.kind) {
    case "count":
      return typeof raw === "number" && Number.isInteger(raw) && raw >= key.from && raw <= key.to ? raw : undefined
    case "choice":
      return key.of.find((choice) => choice === raw)
    case "text":
      return typeof raw === "string" && forms[key.shape].fits(raw) ? raw : undefined
    case "list": {
      const { fits } = forms[key.shape]
      return Array.isArray(raw) && raw.every((item): item is string => typeof item === "string" && fits(item)) ? raw : undefined
    }
  }
}

interface Form {
  readonly what: string
  readonly example: string
  fits(text: string): boolean
}

const forms: Readonly<Record<Shape, Form>> = {
  address: {
    what: "an IP address or localhost",
    example: "0.0.0.0",
    fits: (text) => isIP(text) !== 0 || /^[a-z0-9][a-z0-9.-]{0,254}$/i.test(text),
  },
  origin: {
    what: "a name, lower case, with a port if not 443, without https://",
    example: "chat.example.org",
    fits: (text) => text.length <= 255 && /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(text),
  },
  domain: { what: "a domain in lower case", example: "example.org", fits: (text) => /^[a-z0-9.-]+$/.test(text) },
  mailServer: {
    what: "an smtp:// or smtps:// address",
    example: "smtp://user:password@mail.example.org:587",
    fits: (text) => /^smtps?:\/\/\S+$/.test(text),
  },
  sender: { what: "an e-mail address", example: "nodoor@example.org", fits: (text) => /^[^\r\n]*\S@\S[^\r\n]*$/.test(text) },
  subnet: { what: "an IP address or a subnet", example: "10.0.0.0/8", fits: isSubnet },
  cosigner: {
    what: "a verifier key and an address",
    example: "witness.example/anna+1a2b3c4d+BA… https://witness.example",
    fits: (text) => /^\S+ https?:\/\/\S+$/.test(text),
  },
  token: { what: "16 characters or more", example: "what openssl rand -hex 32 prints", fits: (text) => /^[\x20-\x7e]{16,512}$/.test(text) },
}

function isSubnet(text: string): boolean {
  const [address = "", bits = "0", more] = text.split("/")
  const family = isIP(address)
  return family !== 0 && more === undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}
