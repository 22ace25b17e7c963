import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { loadConfig } from "./config.ts"
import { type ConfigKeyName, configKey, configKeyNames } from "./keys.ts"
import { exampleFile, operatingPageUrl, withSettingsTable } from "./reference.ts"
import { settingsInForce } from "./settings.ts"

function withFile<T>(text: string, run: (environment: Record<string, string>) => T): T {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-example-"))
  try {
    mkdirSync(join(dataDir, "etc"))
    for (const name of configKeyNames())
      writeFileSync(join(dataDir, "etc", name.split(".")[1] ?? ""), "smtps://user:password@mail.example.org\n")
    writeFileSync(join(dataDir, "nodoor.toml"), text.replaceAll("/etc/nodoor", join(dataDir, "etc")))
    return run({ NODOOR_DATA: dataDir })
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

test("docs/operating.md has the table of settings as the keys are: run packages/server/src/config/reference.ts after a change", () => {
  const page = readFileSync(operatingPageUrl, "utf8")
  assert.match(page, /^\| key +\| takes /m)
  assert.equal(page, withSettingsTable(page))
})

test("the example file sets nothing as it is, and with its keys taken out of their comments every key, to its default where it has one", () => {
  const bare = loadConfig({ NODOOR_DATA: "/nonexistent" })
  assert.deepEqual(
    withFile(exampleFile(), (environment) => ({ ...loadConfig(environment), dataDir: "/nonexistent" })),
    bare,
  )
  const uncommented = exampleFile().replaceAll(/^# (\w+ = )/gm, "$1")
  const settings = withFile(uncommented, (environment) => {
    loadConfig(environment)
    return settingsInForce(environment).settings
  })
  for (const { key, source, value } of settings) {
    assert.equal(source, "file", key)
    const definition = configKey(key as ConfigKeyName)
    if (definition.kind !== "list" && definition.default !== undefined) assert.equal(value, String(definition.default), key)
  }
})
