// The configuration as it is in force, key by key with where it comes from: for `config check` and for the console. Secrets are named and
// never shown.

import type { OperatorSetting } from "@nodoor/wire/operator"
import { type ConfigKeyName, type SettingValue, configKey, configKeyNames, variableOf } from "./keys.ts"
import { type Environment, type Sources, openSources } from "./sources.ts"
import { type Given, type Value, valueOf } from "./value.ts"

export interface SettingsInForce {
  /** Path of the file, whether it exists or not. */
  readonly file: string
  readonly fileExists: boolean
  readonly settings: readonly OperatorSetting[]
}

/** @throws ServerError `config_invalid`, `secret_unreadable` */
export function settingsInForce(environment: Environment): SettingsInForce {
  const sources = openSources(environment)
  return { file: sources.file, fileExists: sources.fileExists, settings: configKeyNames().map((name) => settingOf(sources, name)) }
}

/** One key, checked; its default if nobody set it. @throws ServerError `config_invalid`, `secret_unreadable` */
export function readSetting<Name extends ConfigKeyName>(sources: Sources, name: Name): SettingValue<Name> {
  // The table's own types say which kind of value a key has.
  return checked(name, sources.find(name)) as SettingValue<Name>
}

/** Lines of key, value and source, in columns. */
export function formatSettings({ file, fileExists, settings }: SettingsInForce): string {
  const width = Math.max(...settings.map(({ key }) => key.length))
  const from = ({ source, variable }: OperatorSetting): string =>
    ({ default: "", file: "  (file)", environment: `  (${variable})` })[source]
  const lines = settings.map((setting) => `  ${setting.key.padEnd(width)}  ${setting.value}${from(setting)}`)
  return [`File: ${file}${fileExists ? "" : ", which does not exist"}`, ...lines].join("\n")
}

/** Longest text of a value; a list of many witnesses is cut, as nobody reads it in a table. */
const textMaxLength = 2048

function settingOf(sources: Sources, name: ConfigKeyName): OperatorSetting {
  const { help, secret = false, unset } = configKey(name)
  const found = sources.find(name)
  const value = checked(name, found)
  const notSet = unset === undefined ? "not set" : `not set: ${unset}`
  const shown = value === undefined ? notSet : secret ? "set" : textOf(value)
  return { key: name, source: found?.source ?? "default", variable: variableOf(name), value: shown.slice(0, textMaxLength), secret, help }
}

function textOf(value: Value): string {
  if (typeof value === "object") return value.length === 0 ? "none" : value.join(", ")
  return String(value)
}

function checked(name: ConfigKeyName, given: Given | undefined): Value | undefined {
  const key = configKey(name)
  if (given !== undefined) return valueOf(key, given)
  return key.kind === "list" ? [] : key.default
}
