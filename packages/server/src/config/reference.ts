// The table of settings in docs/operating.md, and the example file: both made from the keys. Run this file to write the table anew.

import { readFileSync, writeFileSync } from "node:fs"
import process from "node:process"
import { markdownTable } from "../core/markdown-table.ts"
import { type ConfigKeyName, configKey, configKeyNames, variableOf } from "./keys.ts"
import { exampleOf, takenBy } from "./value.ts"

export const operatingPageUrl: URL = new URL("../../../../docs/operating.md", import.meta.url)

/** Every key with what it takes, its default, its variable and what it does. */
export function settingsTable(): string {
  const code = (text: string): string => `\`${text}\``
  const rows = configKeyNames().map((name) => {
    const key = configKey(name)
    const variable = key.secret ? `${code(variableOf(name))}, ${code(`${variableOf(name)}_FILE`)}` : code(variableOf(name))
    const otherwise =
      key.kind === "list" ? "none" : key.default === undefined ? (key.unset ?? "not set") : code(JSON.stringify(key.default))
    return [code(name), takenBy(key), otherwise, variable, key.help]
  })
  return markdownTable(["key", "takes", "default", "variable", "what it does"], rows)
}

/** The page with its table as the keys are now. */
export function withSettingsTable(page: string): string {
  return page.replace(/^\| key +\| takes [^\n]*\n(?:\|[^\n]*\n)+/m, () => `${settingsTable()}\n`)
}

/** A `nodoor.toml` in which every key is a comment: as it is, it sets nothing. */
export function exampleFile(): string {
  const sections = Map.groupBy(configKeyNames(), (name) => name.split(".")[0] ?? "")
  return [
    "# Settings of a Nodoor server: save it as nodoor.toml in the data directory, or name it in NODOOR_CONFIG.",
    "# Each key stands here with its default, or with an example where it has none. A variable goes before the file.",
    ...[...sections].map(([section, names]) => `\n[${section}]\n${names.map(exampleLines).join("\n")}`),
    "",
  ].join("\n")
}

function exampleLines(name: ConfigKeyName): string {
  const key = configKey(name)
  const [, short = ""] = name.split(".")
  const unset = key.unset === undefined ? "" : ` Not set: ${key.unset}.`
  // A secret of an example is one that somebody leaves as it is: only the place of its file is shown.
  const line = key.secret ? `${short}_file = "/etc/nodoor/${short}"` : `${short} = ${JSON.stringify(exampleOf(key))}`
  return `# ${key.help}${unset} (${variableOf(name)})\n# ${line}`
}

if (import.meta.main && process.argv[1] !== undefined)
  writeFileSync(operatingPageUrl, withSettingsTable(readFileSync(operatingPageUrl, "utf8")))
