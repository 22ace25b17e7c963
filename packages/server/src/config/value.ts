// From what stands in the file or in a variable to the value of a key, or a refusal that names the key, the place and the fix.

import { isIP } from "node:net"
import { ServerError } from "../server-error.ts"
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
  if (value === undefined) throw invalid(given.name, fixOf(key), given.where)
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

export function invalid(name: string, fix: string, where?: string): ServerError {
  return new ServerError("config_invalid", `${name}${where === undefined ? "" : ` (${where})`}: ${fix}`)
}

function read(key: ConfigKey, raw: unknown): Value | undefined {
  switch (key.kind) {
    case "count":
      return typeof raw === "number" && Number.isInteger(raw) && raw >= key.from && raw <= key.to ? raw : undefined
    case "choice":
      return key.of.find((choice) => choice === raw)
    case "text":
      return typeof raw === "string" && shapes[key.shape].fits(raw) ? raw : undefined
    case "list": {
      const { fits } = shapes[key.shape]
      return Array.isArray(raw) && raw.every((item): item is string => typeof item === "string" && fits(item)) ? raw : undefined
    }
  }
}

function fixOf(key: ConfigKey): string {
  switch (key.kind) {
    case "count": {
      const unit = key.unit === undefined ? "" : ` of ${{ days: "days", ms: "milliseconds", MB: "megabytes" }[key.unit]}`
      return `set a whole number${unit} from ${key.from} to ${key.to}`
    }
    case "choice":
      return `set one of ${key.of.map((choice) => `"${choice}"`).join(", ")}`
    case "text":
      return `set ${shapes[key.shape].fix}`
    case "list":
      return `set a list, each of it ${shapes[key.shape].fix}`
  }
}

const shapes: Readonly<Record<Shape, { readonly fix: string; fits(text: string): boolean }>> = {
  address: { fix: "an IP address or localhost", fits: (text) => isIP(text) !== 0 || /^[a-z0-9][a-z0-9.-]{0,254}$/i.test(text) },
  origin: {
    fix: "the name people reach the server under, lower case, such as chat.example.org or localhost:8080, without https://",
    fits: (text) => text.length <= 255 && /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(text),
  },
  domain: { fix: 'a domain in lower case, such as "example.org"', fits: (text) => /^[a-z0-9.-]+$/.test(text) },
  mailServer: { fix: "an address such as smtp://user:password@host:587 or smtps://…", fits: (text) => /^smtps?:\/\/\S+$/.test(text) },
  sender: { fix: 'an address such as "nodoor@example.org"', fits: (text) => /^[^\r\n]*\S@\S[^\r\n]*$/.test(text) },
  subnet: { fix: 'an address or a subnet, such as "10.0.0.1" or "fd00::/8"', fits: isSubnet },
  cosigner: {
    fix: 'a verifier key and an address, such as "witness.example/anna+1a2b3c4d+BA… https://witness.example"',
    fits: (text) => /^\S+ https?:\/\/\S+$/.test(text),
  },
  token: { fix: "16 characters or more", fits: (text) => /^[\x20-\x7e]{16,512}$/.test(text) },
}

function isSubnet(text: string): boolean {
  const [address = "", bits = "0", more] = text.split("/")
  const family = isIP(address)
  return family !== 0 && more === undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}
