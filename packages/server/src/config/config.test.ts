import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { type OperatorSetting, operatorSettings } from "@nodoor/wire/operator"
import * as v from "valibot"
import { type ConfigKeyName, configKey, configKeyNames, variableOf } from "./keys.ts"
import { formatSettings, settingsInForce } from "./settings.ts"
import { type Config, loadConfig, registrationOf } from "./config.ts"
import { ServerError, type ServerErrorCode } from "../core/server-error.ts"

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

/** A value for each kind of key that is not its default. */
function otherValue(name: ConfigKeyName): { readonly text: string; readonly toml: string } {
  const key = configKey(name)
  const quoted = (text: string): { readonly text: string; readonly toml: string } => ({ text, toml: JSON.stringify(text) })
  const shaped = {
    address: "192.0.2.1",
    origin: "chat.example.org",
    domain: "example.org",
    mailServer: "smtp://u:p@mail.example.org",
    sender: "nodoor@example.org",
    subnet: "10.0.0.0/8",
    cosigner: "a.example/w+1a2b3c4d+BAAA https://a.example",
    token: "a token of sixteen",
  }
  switch (key.kind) {
    case "count":
      return { text: String(key.to), toml: String(key.to) }
    case "choice":
      return quoted(key.of.find((choice) => choice !== key.default) ?? "")
    case "text":
      return quoted(shaped[key.shape])
    case "list":
      return { text: `${shaped[key.shape]}, ${shaped[key.shape]}\n`, toml: JSON.stringify([shaped[key.shape], shaped[key.shape]]) }
  }
}

function refuses(code: ServerErrorCode, words: RegExp, run: () => unknown): void {
  assert.throws(run, (error: unknown) => error instanceof ServerError && error.code === code && words.test(error.message))
}

test("without a file everything has a default: open on one's own machine, by invite elsewhere", () => {
  const own = load()
  assert.deepEqual(
    [own.host, own.port, own.registration, own.email.mode, own.ipDays, own.messageDays],
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
[retention]\nip_days = 0\nmessage_days = 365\n[network]\ntrusted_proxies = ["10.0.0.1", "fd00::/8"]\n[metrics]\ntoken = "sixteen letters!"`,
      { NODOOR_ORIGIN: "chat.example.org" },
    )
    assert.equal(config.email.smtpUrl, "smtps://user:pw@mail.example.org")
    assert.deepEqual([config.registration, config.ipDays, config.messageDays, config.origin], ["closed", 0, 365, "chat.example.org"])
    assert.deepEqual(config.trustedProxies, ["10.0.0.1", "fd00::/8"])
    assert.equal(load(undefined, { NODOOR_METRICS_TOKEN: "a token of sixteen" }).metricsToken, "a token of sixteen")
  })
})

test("every key can be set in the file and by its variable, which goes first, and the view says which it was", () => {
  const sender = { NODOOR_EMAIL_FROM: "x@example.org" }
  for (const name of configKeyNames()) {
    const { text, toml } = otherValue(name)
    const [section = "", key = ""] = name.split(".")
    const file = `[${section}]\n${key} = ${toml}`
    const other = `[${section}]\n${key} = "wrong"`
    const seen = (content: string | undefined, environment: Record<string, string>): OperatorSetting | undefined =>
      withToml(content, (dataDir) => {
        const given = { NODOOR_DATA: dataDir, ...environment }
        loadConfig({ ...sender, ...given })
        return settingsInForce(given).settings.find((setting) => setting.key === name)
      })
    const [fromFile, fromVariable] = [seen(file, {}), seen(other, { [variableOf(name)]: text })]
    assert.deepEqual([fromFile?.source, fromVariable?.source], ["file", "environment"], name)
    assert.equal(fromFile?.value, fromVariable?.value, name)
    const { kind, secret } = { secret: false, ...configKey(name) }
    assert.equal(fromFile?.value, secret ? "set" : kind === "list" ? (JSON.parse(toml) as string[]).join(", ") : text, name)
    assert.equal(seen(undefined, { [variableOf(name)]: "" })?.source, "default", "an empty variable is none")
  }
})

test("the view fits the console's message, and holds no secret", () => {
  const seen = withToml('[email]\nsmtp_url = "smtp://u:hunter2@h"\nfrom = "a@b.example"', (dataDir) =>
    settingsInForce({ NODOOR_DATA: dataDir, NODOOR_METRICS_TOKEN: "a token of sixteen" }),
  )
  v.parse(operatorSettings.answer, seen)
  assert.doesNotMatch(JSON.stringify(seen) + formatSettings(seen), /hunter2|a token/)
  assert.match(formatSettings(seen), /metrics\.token +set +\(NODOOR_METRICS_TOKEN\)\n/)
  assert.match(formatSettings(seen), /email\.from +a@b\.example +\(file\)\n/)
})

test("a setting that is wrong or unknown is refused with its name, where it stands and what to do", () => {
  refuses("config_invalid", /registration\.mode \(in .*nodoor\.toml\): set one of "invite"/, () => load('[registration]\nmode = "opne"'))
  refuses("config_invalid", /registration\.mod .*did you mean registration\.mode/, () => load('[registration]\nmod = "open"'))
  refuses("config_invalid", /surprise/, () => load("surprise = 1"))
  refuses("config_invalid", /server \(in/, () => load('server = "127.0.0.1"'))
  refuses("config_invalid", /retention\.ip_days .*days from 0 to 90/, () => load("[retention]\nip_days = 91"))
  refuses("config_invalid", /retention\.message_days/, () => load("[retention]\nmessage_days = 0.5"))
  refuses("config_invalid", /trusted_proxies/, () => load('[network]\ntrusted_proxies = ["10.0.0.0/99"]'))
  refuses("config_invalid", /trusted_proxies/, () => load('[network]\ntrusted_proxies = "10.0.0.1"'))
  refuses("config_invalid", /email\.from/, () => load('[email]\nsmtp_url = "smtp://mail.example.org"'))
  refuses("config_invalid", /email\.smtp_url/, () => load('[email]\nsmtp_url = "mail.example.org"\nfrom = "a@b.example"'))
  refuses("config_invalid", /metrics\.token .*16 characters/, () => load('[metrics]\ntoken = "short"'))
  refuses("config_invalid", /delivery\.read_host: set a name/, () =>
    load(undefined, { NODOOR_ORIGIN: "a.example", NODOOR_DELIVERY_READ_HOST: "a.example" }),
  )
  refuses("config_invalid", /delivery\.read_host: set a name/, () => load('[delivery]\nread_host = "b.example"\npost_host = "b.example"'))
  refuses("config_invalid", /is not valid TOML/, () => load("= = ="))
  refuses("config_invalid", /server\.port \(PORT\)/, () => load(undefined, { PORT: "http" }))
  refuses("config_invalid", /server\.origin \(NODOOR_ORIGIN\)/, () => load(undefined, { NODOOR_ORIGIN: "https://chat.example.org" }))
  refuses("config_invalid", /can't be read/, () => loadConfig({ NODOOR_CONFIG: "/nonexistent/nodoor.toml" }))
  refuses("secret_unreadable", /email\.smtp_url \(NODOOR_EMAIL_SMTP_URL_FILE\)/, () =>
    load(undefined, { NODOOR_EMAIL_SMTP_URL_FILE: "/nonexistent" }),
  )
})

test("a refused secret is not repeated in the refusal, and a secret has one place only", () => {
  const smtp = { NODOOR_EMAIL_SMTP_URL: "user:hunter2@mail" }
  assert.throws(
    () => load(undefined, smtp),
    (error: unknown) => error instanceof ServerError && !error.message.includes("hunter2"),
  )
  refuses("config_invalid", /not both/, () => load('[metrics]\ntoken = "a token of sixteen"\ntoken_file = "token"'))
  refuses("config_invalid", /not both/, () => load(undefined, { NODOOR_METRICS_TOKEN: "x", NODOOR_METRICS_TOKEN_FILE: "y" }))
  withToml(undefined, (directory) => {
    writeFileSync(join(directory, "empty"), "\n")
    refuses("config_invalid", /metrics\.token/, () => load(undefined, { NODOOR_METRICS_TOKEN_FILE: join(directory, "empty") }))
  })
})

test("a variable that looks like a setting and is none is refused with the one that was meant, and others are left alone", () => {
  const refused = (variable: string, meant: RegExp): void => refuses("config_invalid", meant, () => load(undefined, { [variable]: "1" }))
  refused("NODOOR_SMTP_URL", /NODOOR_EMAIL_SMTP_URL\?/)
  refused("NODOOR_SMTP_URL_FILE", /NODOOR_EMAIL_SMTP_URL\?/)
  refused("NODOOR_IP_DAYS", /NODOOR_RETENTION_IP_DAYS\?/)
  refused("NODOOR_RETENTION_IPDAYS", /NODOOR_RETENTION_IP_DAYS\?/)
  refused("NODOOR_PORT", /PORT\?/)
  refused("NODOOR_ORIGIN_FILE", /NODOOR_ORIGIN/)
  refused("NODOOR_ORGIN", /NODOOR_ORIGIN\?/)
  refused("NODOOR_DATE", /NODOOR_DATA\?/)
  load(undefined, { NODOOR_PROFILE: "p", NODOOR_KEYRING: "off", NODOOR_VECTORS: "v", NODOOR_LONG: "1", NODOOR_SEED: "1" })
})
