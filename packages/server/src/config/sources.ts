// Where values come from: a variable of the environment, else the file, else the default. Nothing here knows what a key means.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "smol-toml"
import { ServerError } from "../core/server-error.ts"
import { type ConfigKeyName, configKey, configKeyNames, variableOf } from "./keys.ts"
import { type Given, invalid, rawOfText } from "./value.ts"

export type Environment = Readonly<Record<string, string | undefined>>
export type Source = "default" | "file" | "environment"

export interface Sources {
  readonly dataDir: string
  readonly file: string
  readonly fileExists: boolean
  /** Undefined: nobody set it. @throws ServerError `config_invalid`, `secret_unreadable` */
  find(name: ConfigKeyName): (Given & { readonly source: Exclude<Source, "default"> }) | undefined
}

/**
 * The file is that of `NODOOR_CONFIG`, or `nodoor.toml` in the data directory if it exists. A variable that is empty counts as not set.
 * @throws ServerError `config_invalid` also for a key or a variable that looks like one of ours and is none
 */
export function openSources(environment: Environment): Sources {
  const set = (variable: string): string | undefined => setIn(environment, variable)
  const dataDir = dataDirOf(environment)
  const named = set("NODOOR_CONFIG")
  const file = named ?? join(dataDir, "nodoor.toml")
  const text = readText(file, named !== undefined)
  const values = text === undefined ? new Map<string, unknown>() : readToml(file, text)
  refuseUnknownKeys(values, file)
  refuseUnknownVariables(environment)

  const find: Sources["find"] = (name) => {
    const key = configKey(name)
    const variable = variableOf(name)
    const fromVariable = oneOf(name, [variable, set(variable)], [`${variable}_FILE`, key.secret ? set(`${variable}_FILE`) : undefined])
    if (fromVariable !== undefined) {
      const { where, raw, path } = fromVariable
      return { name, source: "environment", where, raw: path === undefined ? rawOfText(key, raw as string) : secretOf(name, where, path) }
    }
    const fromFile = oneOf(name, [`in ${file}`, values.get(name)], [`${name}_file in ${file}`, values.get(`${name}_file`)])
    if (fromFile === undefined) return undefined
    const { where, raw, path } = fromFile
    return { name, source: "file", where, raw: path === undefined ? raw : secretOf(name, where, path) }
  }
  return { dataDir, file, fileExists: text !== undefined, find }
}

/** `NODOOR_DATA`: no key, as the file with the keys is in it. */
export function dataDirOf(environment: Environment): string {
  return setIn(environment, "NODOOR_DATA") ?? "./.data"
}

function setIn(environment: Environment, variable: string): string | undefined {
  return environment[variable] === "" ? undefined : environment[variable]
}

interface Found {
  readonly where: string
  readonly raw?: unknown
  /** Of a file that holds it. */
  readonly path?: unknown
}

function oneOf(name: string, [where, raw]: [string, unknown], [whereFile, path]: [string, unknown]): Found | undefined {
  if (raw !== undefined && path !== undefined) throw invalid(name, "set either the value or the file that holds it, not both", whereFile)
  if (raw !== undefined) return { where, raw }
  return path === undefined ? undefined : { where: whereFile, path }
}

function secretOf(name: string, where: string, path: unknown): string {
  if (typeof path !== "string") throw invalid(name, "name a file in quotes", where)
  try {
    return readFileSync(path, "utf8").trim()
  } catch (error) {
    throw new ServerError("secret_unreadable", `${name} (${where}): ${path} can't be read. Check the path and its permissions`, {
      cause: error,
    })
  }
}

function readText(file: string, required: boolean): string | undefined {
  try {
    return readFileSync(file, "utf8")
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw new ServerError("config_invalid", `${file} can't be read. Check the path and its permissions`, { cause: error })
  }
}

/** By `section.key`; what stands outside a section by its name alone. */
function readToml(file: string, text: string): ReadonlyMap<string, unknown> {
  let sections: Record<string, unknown>
  try {
    sections = parse(text)
  } catch (error) {
    const [what = "unreadable"] = error instanceof Error ? error.message.split("\n") : []
    throw new ServerError("config_invalid", `${file} is not valid TOML: ${what}`, { cause: error })
  }
  const values = new Map<string, unknown>()
  for (const [section, content] of Object.entries(sections)) {
    if (content === null || typeof content !== "object" || Array.isArray(content)) values.set(section, content)
    else for (const [key, value] of Object.entries(content)) values.set(`${section}.${key}`, value)
  }
  return values
}

function refuseUnknownKeys(values: ReadonlyMap<string, unknown>, file: string): void {
  const known = configKeyNames().flatMap((name) => (configKey(name).secret ? [name, `${name}_file`] : [name]))
  for (const key of values.keys()) {
    if (known.includes(key)) continue
    throw invalid(key, `this version knows no such key. Remove it, or did you mean ${nearest(key, known).name}?`, `in ${file}`)
  }
}

/** A variable that looks like one of ours is meant to have an effect: it names one of our sections, a key without its section, or is two typos away. */
function refuseUnknownVariables(environment: Environment): void {
  const names = configKeyNames()
  const own = ["NODOOR_DATA", "NODOOR_CONFIG"]
  const known = names.flatMap((name) => (configKey(name).secret ? [variableOf(name), `${variableOf(name)}_FILE`] : [variableOf(name)]))
  const sections = [...new Set(names.map((name) => `NODOOR_${name.split(".")[0]}_`.toUpperCase()))]
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || !variable.startsWith("NODOOR_") || own.includes(variable) || known.includes(variable)) continue
    const meant = names.find((name) => variable.replace(/_FILE$/, "") === `NODOOR_${name.split(".")[1]}`.toUpperCase())
    const closest = nearest(variable, [...known, ...own])
    if (meant === undefined && closest.slips > 2 && !sections.some((section) => variable.startsWith(section))) continue
    const suggested = meant === undefined ? closest.name : variableOf(meant)
    throw invalid(variable, `this version knows no such variable. Remove it, or did you mean ${suggested}?`)
  }
}

/** The known name that is the fewest typos away. */
function nearest(name: string, known: readonly string[]): { readonly name: string; readonly slips: number } {
  const slips = (a: string, b: string): number => {
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
  const [first] = known.map((other) => ({ name: other, slips: slips(name, other) })).toSorted((a, b) => a.slips - b.slips)
  return first ?? { name: "none", slips: name.length }
}
