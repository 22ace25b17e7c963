// Flags that the programs of the transparency log share.

import { CliError } from "../cli-error.ts"
import { text } from "../command/flags.ts"

interface Parsed<T> {
  readonly kind: "parsed"
  readonly parse: (input: string) => T
  readonly brief: string
  readonly placeholder: string
}

export const addressArgument: Omit<Parsed<string>, "kind"> = {
  brief: "Address of the server, such as https://chat.example.org, or a folder with a mirror of its log",
  parse: text,
  placeholder: "url",
}

export const pinFlag: Parsed<string> & { readonly optional: true } = {
  kind: "parsed",
  parse: pin,
  brief: "Pin of the log, 64 hexadecimal digits, from somebody you trust",
  optional: true,
  placeholder: "pin",
}

export const atFlag: Parsed<number> & { readonly optional: true } = {
  kind: "parsed",
  parse: logSize,
  brief: "Also print the root at this size, with proof that today's log grew out of it",
  optional: true,
  placeholder: "size",
}

export const listenFlag: Parsed<ListenAddress> = {
  kind: "parsed",
  parse: listenAddress,
  brief: "Address and port to listen on",
  placeholder: "host:port",
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

function logSize(input: string): number {
  if (!/^[1-9]\d{0,14}$/.test(input)) throw new CliError("usage", "--at needs a number of entries, 1 or more.")
  return Number(input)
}

function pin(input: string): string {
  if (!/^[0-9a-f]{64}$/.test(input)) throw new CliError("usage", "--pin needs 64 hexadecimal digits.")
  return input
}

function listenAddress(input: string): ListenAddress {
  const match = /^(\[[0-9a-f:]+\]|[a-zA-Z0-9.-]+):(\d{1,5})$/.exec(input)
  const port = Number(match?.[2])
  if (match === null || port > 65_535) throw new CliError("usage", "--listen needs an address and a port, such as 127.0.0.1:9100.")
  return { host: (match[1] as string).replace(/^\[|\]$/g, ""), port }
}
