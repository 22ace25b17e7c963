import assert from "node:assert/strict"
import { test } from "node:test"
import { sectionsOf, tomlLines, variableOf } from "./how-to-change.ts"

const plain = { secret: false }

test("a key is shown as the lines of nodoor.toml that set it", () => {
  assert.deepEqual(tomlLines({ ...plain, key: "retention.ip_days", value: "7" }), ["[retention]", "ip_days = 7"])
  assert.deepEqual(tomlLines({ ...plain, key: "registration.mode", value: "invite" }), ["[registration]", 'mode = "invite"'])
})

test("where the form of a value is in doubt, dots stand for it", () => {
  for (const value of ["none", "not set: as noted at the first start", "a, b", "example.org", "", "witness/anna+1a https://w"])
    assert.equal(tomlLines({ ...plain, key: "log.witnesses", value })[1], "witnesses = …", value)
})

test("a secret is shown as the name of a file, never as a value", () => {
  const secret = { key: "metrics.token", value: "set", secret: true, variable: "NODOOR_METRICS_TOKEN" }
  assert.deepEqual(tomlLines(secret), ["[metrics]", 'token_file = "/path/to/a/file"'])
  assert.equal(variableOf(secret), "NODOOR_METRICS_TOKEN_FILE")
  assert.equal(variableOf({ ...secret, secret: false }), "NODOOR_METRICS_TOKEN")
})

test("keys stand together by their sections, in the order in which the server names them", () => {
  const setting = (key: string) => ({ key, source: "default", variable: "", value: "", secret: false, help: "" }) as const
  const sections = sectionsOf([setting("server.host"), setting("log.quorum"), setting("server.port")])
  assert.deepEqual(
    sections.map(({ name, settings }) => [name, settings.map(({ key }) => key)]),
    [
      ["server", ["server.host", "server.port"]],
      ["log", ["log.quorum"]],
    ],
  )
})
