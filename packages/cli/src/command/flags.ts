// Flags and arguments that several commands share.

import { CliError } from "../cli-error.ts"

export const json = { kind: "boolean", brief: "One JSON object per line", default: false, withNegated: false } as const

export function text(input: string): string {
  return input
}

export function handle(input: string): string {
  if (!/^(@?[a-z0-9._-]{3,32}|#[0-9a-f]{12})$/.test(input))
    throw new CliError("usage", `${JSON.stringify(input)} is not a handle. Use 3 to 32 of a-z 0-9 . _ -`)
  return input
}

/** A person as they are named, pasted or passed on; `findAccount` reads it. */
function person(input: string): string {
  const plain = input
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .trim()
    .toLowerCase()
  return /\/(?:@|%40)/.test(plain) ? input : (handle(plain), input)
}

export function seconds(input: string): number {
  if (!/^\d{1,6}$/.test(input)) throw new CliError("usage", `${JSON.stringify(input)} is not a whole number of seconds`)
  return Number(input)
}

export function count(input: string): number {
  if (!/^[1-9]\d{0,8}$/.test(input)) throw new CliError("usage", `${JSON.stringify(input)} is not a whole number above 0`)
  return Number(input)
}

export function serverUrl(input: string): string {
  const url = URL.canParse(input) ? new URL(input) : undefined
  const local = url !== undefined && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)
  if (url === undefined || url.username !== "" || url.password !== "" || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw new CliError("usage", "--server needs an address without a path, such as https://chat.example.org.")
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && local))
    throw new CliError("usage", "--server needs https:// (http:// works on this machine only).")
  return url.origin
}

interface Argument {
  readonly brief: string
  readonly parse: (input: string) => string
  readonly placeholder: string
}
export const chatArgument: Argument = {
  brief: "Chat: @handle, an id or the beginning of one, or a title",
  parse: text,
  placeholder: "chat",
}
export const handleArgument: Argument = {
  brief: "Handle, with or without @; or the #mark of a known person",
  parse: person,
  placeholder: "@handle",
}
