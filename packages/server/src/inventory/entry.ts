// One thing that this server holds, shows or writes, and what becomes of it.

/**
 * - `ciphertext`: what only the devices of the people concerned can open.
 * - `routing`: what delivery needs. Somebody with access to the machine can read it; the desk does not hand it over.
 * - `disclosable`: what the desk hands over for a named account, and what a person gets about themselves.
 * - `operational`: the server's own: settings, counters, public keys, what everybody may see.
 */
export const dataClasses = ["ciphertext", "routing", "disclosable", "operational"] as const
export type DataClass = (typeof dataClasses)[number]

export const owners = ["account", "device", "group", "blob", "operator", "everybody"] as const
export type Owner = (typeof owners)[number]

/** When it is erased, in the words of `docs/disclosure.md`. A closed list, so that "forever" is never hidden in prose. */
export const retentions = {
  answered: "only in the answer; not stored",
  minutes: "a few minutes",
  hour: "one hour",
  day: "24 hours",
  week: "seven days",
  four_weeks: "four weeks",
  used: "until it is used, replaced or expires",
  epoch: "until the group's next change of keys",
  token_key: "until three days after the three days of its key",
  introduction: "until the device has taken what was left there, at most 14 days",
  acknowledged: "until every receiving device has it, at most retention.message_days",
  two_days: "48 hours",
  message_days: "retention.message_days",
  ip_days: "retention.ip_days after the day that is noted with it",
  blob: "until the device deletes it or its days are over, at most 400",
  upload: "until it is whole, or two days after it began",
  device: "until the device is revoked",
  account: "until the account is erased",
  unused: "until the account is used again or erased",
  group: "while the group exists; one that nobody uses ends after retention.message_days and 90 days",
  process: "until the server stops",
  operator: "until the operator deletes it",
  ended: "until two days after the person deleted the account; the fact that it ended stays",
  ever: "forever",
} as const
export type Retention = keyof typeof retentions

/** `count`: how many rows there are, and nothing of them. */
export type Exported = "value" | "count" | "no"

export interface InventoryEntry {
  /** `accounts.db accounts.email`, `log field event`, `response header etag` … */
  readonly place: string
  readonly class: DataClass
  readonly whose: Owner
  readonly retention: Retention
  readonly exported: Exported
  /** Why it exists, in one clause. */
  readonly reason: string
}

/** What differs between the places of one table: class, retention, reason, and `exported` where it is not "no". */
export type Row = readonly [DataClass, Retention, string, Exported?]

/** Entries that share an owner and a beginning. */
export function entriesOf(prefix: string, whose: Owner, rows: Readonly<Record<string, Row>>): InventoryEntry[] {
  return Object.entries(rows).map(([name, [dataClass, retention, reason, exported = "no"]]) => ({
    place: `${prefix}${name}`,
    class: dataClass,
    whose,
    retention,
    exported,
    reason,
  }))
}
