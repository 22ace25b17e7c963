// Every key of the configuration, once. A line here makes the key of `nodoor.toml`, its variable, its bounds, its row in docs/operating.md
// and on the console, and its place in the example file; `loadConfig` gives it a name in the code.

/** What a key takes and says. The variable is `NODOOR_SECTION_KEY` unless named; a secret has `…_FILE` and `key_file` besides. */
export type ConfigKey = {
  readonly help: string
  readonly variable?: string
  readonly secret?: true
  /** For a key without a default: what a server does without it. */
  readonly unset?: string
} & (
  | {
      readonly kind: "count"
      readonly from: number
      readonly to: number
      readonly unit?: "days" | "ms" | "MB"
      readonly default?: number
      readonly example?: number
    }
  | { readonly kind: "choice"; readonly of: readonly string[]; readonly default?: string }
  | { readonly kind: "text"; readonly shape: Shape; readonly default?: string; readonly example?: string }
  | { readonly kind: "list"; readonly shape: Shape }
)

export type Shape = "address" | "origin" | "domain" | "mailServer" | "sender" | "subnet" | "cosigner" | "token"

export const configKeys = {
  "server.host": {
    kind: "text",
    shape: "address",
    variable: "HOST",
    default: "127.0.0.1",
    help: "Address to listen on. The default is only reachable from this machine.",
  },
  "server.port": { kind: "count", from: 0, to: 65_535, variable: "PORT", default: 8080, help: "Port to listen on. 0 picks a free one." },
  "server.origin": {
    kind: "text",
    shape: "origin",
    variable: "NODOOR_ORIGIN",
    unset: "as noted at the first start, else localhost and the port",
    help: "The name people reach the server under. Accounts are bound to it forever, so set it before the first start.",
  },
  "registration.mode": {
    kind: "choice",
    of: ["invite", "open", "closed"],
    unset: "open on one's own machine, invite elsewhere",
    help: "Who can create an account.",
  },
  "email.mode": {
    kind: "choice",
    of: ["none", "optional", "required"],
    default: "optional",
    help: "Whether people are asked for an e-mail address.",
  },
  "email.domains": { kind: "list", shape: "domain", help: "Accept only addresses of these domains." },
  "email.smtp_url": {
    kind: "text",
    shape: "mailServer",
    secret: true,
    unset: "codes are written into the folder outbox of the data directory",
    help: "Mail server for sending codes, with its password.",
  },
  "email.from": { kind: "text", shape: "sender", help: "Sender of these messages. Required with email.smtp_url." },
  "retention.ip_days": {
    kind: "count",
    from: 0,
    to: 90,
    unit: "days",
    default: 7,
    help: "Days that IP addresses are kept. 0 means never written.",
  },
  "retention.message_days": {
    kind: "count",
    from: 1,
    to: 365,
    unit: "days",
    default: 30,
    help: "Days that a message waits for a device that does not fetch it.",
  },
  "retention.inactive_days": {
    kind: "count",
    from: 0,
    to: 3650,
    unit: "days",
    default: 365,
    help: "Days without use after which an account is erased, 30 or more. 0 means never.",
  },
  "quota.accounts": { kind: "count", from: 0, to: 100_000_000, default: 0, help: "Most accounts this server can have. 0 means no limit." },
  "quota.group_mb": {
    kind: "count",
    from: 16,
    to: 65_536,
    unit: "MB",
    default: 256,
    help: "Most data that can wait in one group's log. Beyond that, its oldest messages are dropped, and devices are told about the gap.",
  },
  "quota.blobs_mb": {
    kind: "count",
    from: 0,
    to: 100_000_000,
    unit: "MB",
    default: 20_000,
    help: "Most data that devices can store here for themselves, such as backups, all together. 0 means none.",
  },
  "network.trusted_proxies": { kind: "list", shape: "subnet", help: "Addresses of the TLS proxies whose X-Forwarded-For is trusted." },
  "console.origin": {
    kind: "text",
    shape: "origin",
    unset: "beside the messenger, under its name",
    help: "A separate name for the operator's console. Passkeys are bound to it, so set it before people make theirs.",
  },
  "delivery.read_host": {
    kind: "text",
    shape: "origin",
    example: "read.example.org",
    unset: "under the server's own name",
    help: "A name of its own for receiving messages, so that a connection with it is tied to no other. It needs its own certificate.",
  },
  "delivery.post_host": {
    kind: "text",
    shape: "origin",
    example: "post.example.org",
    unset: "under the server's own name",
    help: "The same for sending messages.",
  },
  "metrics.token": {
    kind: "text",
    shape: "token",
    secret: true,
    unset: "/metrics answers this machine only",
    help: "Bearer token for reading /metrics from another machine.",
  },
  "log.epoch_ms": {
    kind: "count",
    from: 100,
    to: 60_000,
    unit: "ms",
    default: 1_000,
    help: "Shortest time between two epochs of the key log. Use 10000 on large servers.",
  },
  "log.witnesses": { kind: "list", shape: "cosigner", help: "Witnesses run by other people, which sign the log." },
  "log.operators": { kind: "list", shape: "cosigner", help: "Your own witnesses. They are shown but not counted." },
  "log.auditors": { kind: "list", shape: "cosigner", help: "Auditors, which replay the log." },
  "log.quorum": {
    kind: "count",
    from: 0,
    to: 64,
    unset: "the fewest that keep two views apart",
    example: 3,
    help: "How many witnesses must sign.",
  },
  "log.faults": { kind: "count", from: 0, to: 64, default: 0, help: "How many dishonest witnesses the quorum tolerates." },
  "log.audits": {
    kind: "count",
    from: 0,
    to: 64,
    unset: "one if there is any auditor",
    example: 1,
    help: "How many auditors' statements devices require.",
  },
} as const

export type ConfigKeyName = keyof typeof configKeys

/** In the order of the table. */
export function configKeyNames(): readonly ConfigKeyName[] {
  return Object.keys(configKeys) as ConfigKeyName[]
}

export function configKey(name: ConfigKeyName): ConfigKey {
  return configKeys[name]
}

export function variableOf(name: ConfigKeyName): string {
  return configKey(name).variable ?? `NODOOR_${name.replace(".", "_").toUpperCase()}`
}

type KeyTable = typeof configKeys
type Taken<Key> = Key extends { kind: "count" }
  ? number
  : Key extends { kind: "list" }
    ? readonly string[]
    : Key extends { kind: "choice"; of: readonly (infer Choice)[] }
      ? Choice
      : string
/** What reading a key gives: its default, or undefined if it has none, stands in. */
export type SettingValue<Name extends ConfigKeyName> =
  | Taken<KeyTable[Name]>
  | (KeyTable[Name] extends { default: unknown } | { kind: "list" } ? never : undefined)
