// Flags and arguments that several commands share.

import { ServerError } from "../core/server-error.ts"

export function text(input: string): string {
  return input
}

interface Parsed<Value> {
  readonly brief: string
  readonly parse: (input: string) => Value
  readonly placeholder: string
}
type FlagOf<Value> = Parsed<Value> & { readonly kind: "parsed" }

/** A flag with a whole number from 1 to `max`. */
export function countFlag(
  brief: string,
  { otherwise, max }: { readonly otherwise: number; readonly max: number },
): FlagOf<number> & { readonly default: string } {
  const parse = (input: string): number => {
    const value = Number(input)
    if (!/^\d{1,6}$/.test(input) || value < 1 || value > max) throw new ServerError("usage", `use a whole number from 1 to ${max}`)
    return value
  }
  return { kind: "parsed", brief, parse, default: String(otherwise), placeholder: "number" }
}

/** The key file of the person who acts. The key itself never stands in the command line. */
export const key: FlagOf<string> = { kind: "parsed", brief: "Key file of the person who acts", parse: text, placeholder: "file" }
export const optionalKey: FlagOf<string> & { readonly optional: true } = {
  kind: "parsed",
  brief: "Key file of the owner who approves",
  parse: text,
  placeholder: "file",
  optional: true,
}

export const caseArgument: Parsed<string> = { brief: "Number of the case", parse: text, placeholder: "case" }

export const handleArgument: Parsed<string> = {
  brief: "Handle of the account, with or without @",
  parse: (input) => input.replace(/^@/, "").toLowerCase(),
  placeholder: "@handle",
}

export function fileArgument(brief: string, placeholder = "file"): Parsed<string> {
  return { brief, parse: text, placeholder }
}
