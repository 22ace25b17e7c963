import assert from "node:assert/strict"
import { readFileSync, readdirSync } from "node:fs"
import { test } from "node:test"
import { alarmLevel, keylogErrorCodes } from "@nodoor/keylog"
import { alarmOf, isAboutAccount, tokenKeyAlarm } from "./failed-check.ts"

test("Every code of the log has the alarm of its level: bytes that say nothing raise none, and only red says that nothing is sent", () => {
  for (const code of keylogErrorCodes) {
    const scope = isAboutAccount(code) ? "account" : "log"
    const alarm = alarmOf(code, scope, "Bob")
    const level = alarmLevel(code)
    assert.equal(alarm?.level, level === "unchecked" ? undefined : level, code)
    if (!alarm) continue
    if (code === tokenKeyAlarm) {
      assert.equal(alarm.code, code, "it stops no chat")
      continue
    }
    assert.equal(/nothing is sent|has stopped sending/i.test(alarm.text), level === "red", code)
    assert.equal(/Your chats continue\./.test(alarm.text), level === "warn", code)
    assert.equal(alarm.code, scope === "account" ? `identity_${code}` : `log_${code}`)
    assert.equal(alarm.text.includes("Bob"), scope === "account", code)
    if (level === "red") assert.equal(alarmOf(code, "own", "")?.code, `own_${code}`)
  }
})

test("docs/transparency.md lists every alarm that a device raises by itself, and no other", () => {
  const root = new URL("../../../../../", import.meta.url)
  const table = readFileSync(new URL("docs/transparency.md", root), "utf8")
  const rows = [...table.matchAll(/^\| `([a-z_]+)` +\| (info|notice|warn|red) +\|/gm)].map(([, code, level]) => `${code} ${level}`)
  const folder = new URL("../", import.meta.url)
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
  assert.ok(rows.length >= 10)
  for (const row of rows) {
    const [code = ""] = row.split(" ")
    assert.ok(
      sources.some((source) => source.includes(`"${code}"`)),
      code,
    )
  }
  const raised = sources.flatMap((source) =>
    [...source.matchAll(/"((?:own_account|own_device|contact|gossip|safety|log)_[a-z_]+)"/g)].map(([, code = ""]) => code),
  )
  const errors = new Set(["log_untrusted"])
  for (const code of new Set(raised)) assert.ok(errors.has(code) || rows.some((row) => row.startsWith(`${code} `)), code)
})
