import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { type Config, loadConfig, registrationOf } from "./config.ts"
import { ServerError, type ServerErrorCode } from "./server-error.ts"

function withToml<T>(toml: string | undefined, run: (dataDir: string) => T): T {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-config-"))
  try {
    if (toml !== undefined) writeFileSync(join(dataDir, "nodoor.toml"), toml)
    return run(dataDir)
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

const load = (toml?: string, environment: Record<string, string> = {}): Config =>
  withToml(toml, (dataDir) => loadConfig({ NODOOR_DATA: dataDir, ...environment }))

function refuses(code: ServerErrorCode, words: RegExp, run: () => unknown): void {
  assert.throws(run, (error: unknown) => error instanceof ServerError && error.code === code && words.test(error.message))
}

test("without a file everything has a default: open on one's own machine, by invite elsewhere", () => {
  const own = load()
  assert.deepEqual(
    [own.host, own.port, own.registration, own.email.mode, own.ipDays, own.mailboxDays],
    ["127.0.0.1", 8080, undefined, "optional", 7, 30],
  )
  const mode = (origin: string, environment: Record<string, string> = {}, toml?: string): string =>
    registrationOf(load(toml, environment), origin)
  assert.equal(mode("localhost:8080"), "open")
  assert.equal(mode("[::1]:8080", { HOST: "::1", PORT: "0" }), "open")
  assert.equal(mode("192.0.2.1:8080", { HOST: "192.0.2.1" }), "invite")
  assert.equal(mode("chat.example.org"), "invite", "listens on loopback, and is reached through a proxy")
  assert.equal(mode("localhost:8080", {}, '[network]\ntrusted_proxies = ["127.0.0.1"]'), "invite")
  assert.equal(mode("chat.example.org", {}, '[registration]\nmode = "open"'), "open")
})

test("the file and the environment are taken, secrets from files too", () => {
  withToml(undefined, (directory) => {
    const secret = join(directory, "secret")
    writeFileSync(secret, "smtps://user:pw@mail.example.org\n")
    const config = load(
      `[registration]\nmode = "closed"\n[email]\nmode = "required"\ndomains = ["example.org"]\nfrom = "n@example.org"\nsmtp_url_file = ${JSON.stringify(secret)}
[retention]\nip_days = 0\nmailbox_days = 365\n[network]\ntrusted_proxies = ["10.0.0.1", "fd00::/8"]\n[metrics]\ntoken = "sixteen letters!"`,
      { NODOOR_ORIGIN: "chat.example.org" },
    )
    assert.equal(config.email.smtpUrl, "smtps://user:pw@mail.example.org")
    assert.deepEqual([config.registration, config.ipDays, config.mailboxDays, config.origin], ["closed", 0, 365, "chat.example.org"])
    assert.deepEqual(config.trustedProxies, ["10.0.0.1", "fd00::/8"])
    assert.equal(load(undefined, { NODOOR_METRICS_TOKEN: "a token of sixteen" }).metricsToken, "a token of sixteen")
  })
})

test("a setting that is wrong or unknown is refused with its name and what to do", () => {
  refuses("config_invalid", /registration\.mode: set one of "open"/, () => load('[registration]\nmode = "opne"'))
  refuses("config_invalid", /registration\.mod: .*did you mean registration\.mode/, () => load('[registration]\nmod = "open"'))
  refuses("config_invalid", /surprise/, () => load("surprise = 1"))
  refuses("config_invalid", /retention\.ip_days: .*0 to 90/, () => load("[retention]\nip_days = 91"))
  refuses("config_invalid", /retention\.mailbox_days/, () => load("[retention]\nmailbox_days = 0.5"))
  refuses("config_invalid", /trusted_proxies/, () => load('[network]\ntrusted_proxies = ["10.0.0.0/99"]'))
  refuses("config_invalid", /trusted_proxies/, () => load('[network]\ntrusted_proxies = "10.0.0.1"'))
  refuses("config_invalid", /email\.from/, () => load('[email]\nsmtp_url = "smtp://mail.example.org"'))
  refuses("config_invalid", /email\.smtp_url/, () => load('[email]\nsmtp_url = "mail.example.org"\nfrom = "a@b.example"'))
  refuses("config_invalid", /metrics\.token/, () => load('[metrics]\ntoken = "short"'))
  refuses("config_invalid", /is not TOML/, () => load("= = ="))
  refuses("config_invalid", /PORT/, () => load(undefined, { PORT: "http" }))
  refuses("config_invalid", /NODOOR_ORIGIN/, () => load(undefined, { NODOOR_ORIGIN: "https://chat.example.org" }))
  refuses("config_invalid", /cannot be read/, () => loadConfig({ NODOOR_CONFIG: "/nonexistent/nodoor.toml" }))
  refuses("secret_unreadable", /SMTP/, () => load(undefined, { NODOOR_SMTP_URL_FILE: "/nonexistent" }))
})
