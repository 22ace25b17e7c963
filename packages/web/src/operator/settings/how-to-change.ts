// How to change a setting: the lines for `nodoor.toml`, and the environment variable that overrides them.

import type { OperatorSetting } from "@nodoor/wire/operator"

/**
 * The section and the line as the file would hold them. The value in force stands there where its form is beyond doubt, otherwise dots:
 * a text and a list of one look the same here.
 */
export function tomlLines({ key, value, secret }: Pick<OperatorSetting, "key" | "value" | "secret">): readonly string[] {
  const dot = key.lastIndexOf(".")
  const name = key.slice(dot + 1)
  const line = secret ? `${name}_file = "/path/to/a/file"` : `${name} = ${tomlValue(value)}`
  return dot < 0 ? [line] : [`[${key.slice(0, dot)}]`, line]
}

function tomlValue(value: string): string {
  if (/^(?:\d{1,15}|true|false)$/.test(value)) return value
  return /^[a-z]{1,32}$/.test(value) && value !== "none" ? `"${value}"` : "…"
}

/** A secret is better read from a file than from the environment, where every child process sees it. */
export function variableOf({ variable, secret }: Pick<OperatorSetting, "variable" | "secret">): string {
  return secret ? `${variable}_FILE` : variable
}

/** The keys by their sections, in the server's order. */
export function sectionsOf(
  settings: readonly OperatorSetting[],
): readonly { readonly name: string; readonly settings: readonly OperatorSetting[] }[] {
  const sections = new Map<string, OperatorSetting[]>()
  for (const setting of settings) {
    const name = setting.key.includes(".") ? setting.key.slice(0, setting.key.indexOf(".")) : ""
    sections.set(name, [...(sections.get(name) ?? []), setting])
  }
  return [...sections].map(([name, members]) => ({ name, settings: members }))
}
