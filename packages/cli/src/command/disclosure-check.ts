// Whether an archive of a server's desk, or the record that a person got, is what it says: signature, schema and completeness. Written
// apart from the server's code, from docs/disclosure.md alone, so that a mistake there is not repeated here. The canonical encoding is
// written apart too, on purpose: what is signed and hashed are its bytes, and a wrong spelling that both sides shared would check out.

import { createHash, createPublicKey, verify } from "node:crypto"
import { CliError } from "../cli-error.ts"

/** Largest archive that is read, in bytes: 500 accounts with thousands of addresses each. */
export const archiveMaxBytes: number = 256 * 1024 * 1024

export interface Disclosure {
  readonly origin: string
  readonly purpose: string
  /** Of a lawful request: the number that its notice carries. */
  readonly caseId: string | undefined
  readonly accounts: number
  readonly found: number
  readonly rows: number
  /** Columns that were handed over. */
  readonly columns: readonly string[]
  /** Asked for and refused. */
  readonly impossible: readonly string[]
  readonly inventorySha256: string
  /** Ed25519, base64: compare it with `exportKey` of the server's /transparency.json. */
  readonly key: string
  /** SHA-256 of the file: stands in the notice of the case. */
  readonly sha256: string
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
type Fields = { readonly [name: string]: Json }

/** Which columns a class is, and those that say whose record it is. A class or a column of a later server is none of these. */
const columnsOfClass: Readonly<Record<string, readonly string[]>> = {
  always: ["accounts.account_id", "accounts.handle"],
  holder_name: ["accounts.holder_name"],
  email: ["accounts.email"],
  created: ["accounts.created_at_ms"],
  last_seen_day: ["accounts.last_seen_day"],
  ip_addresses: ["addresses.address", "addresses.first_seen_ms", "addresses.last_seen_ms"],
  device_count: ["devices.count"],
}

/** Fields of each part, and no others: what is not looked at here could hold anything. */
const fieldsOf = {
  archive: "accounts format inventory letter manifest signature",
  manifest: "about approvals beyondInstrument columns granted impossible inventorySha256 key letterSha256 origin purpose server tables",
  account: "asked found statement tables",
  table: "columns rows table",
} as const

/** @throws CliError `archive_refused` with the rule that is broken */
export function checkDisclosure(file: Uint8Array): Disclosure {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  const written = attempt(() => text.decode(file), "it is not UTF-8")
  const whole = fields(attempt(() => JSON.parse(written) as Json, "it is not JSON"))
  rule(`${canonical(whole)}\n` === written, "its JSON is not in canonical form")
  rule(whole["format"] === "nodoor-disclosure/v1", "it has a different format")
  const manifest = fields(whole["manifest"])
  onlyFields(whole, "archive")
  onlyFields(manifest, "manifest")
  const key = string(manifest["key"])
  const { signature, ...content } = whole
  rule(isSigned(content, { key, signature: string(signature) }), "the signature is not valid")
  rule(sha256(string(whole["letter"])) === manifest["letterSha256"], "the letter doesn't match its hash")

  const inventory = list(whole["inventory"]).map(fields)
  rule(sha256(canonical(inventory)) === manifest["inventorySha256"], "the inventory doesn't match its hash")
  const exported = exportedColumns(inventory)
  const columns = list(manifest["columns"]).map(string)
  rule(new Set(columns).size === columns.length, "the manifest lists a column twice")
  rule(
    columns.every((column) => exported.has(column)),
    "it has a column that the inventory doesn't allow",
  )
  const purpose = string(manifest["purpose"])
  rule(purpose === "lawful request" || purpose === "own record", "its purpose is unknown")
  rule(purpose !== "own record" || columns.length === exported.size, "a column of the person's own record is missing")

  const accounts = list(whole["accounts"]).map(fields)
  const found = accounts.filter((account) => account["found"] === true)
  const granted = list(manifest["granted"]).map(string)
  for (const [name, own] of Object.entries(columnsOfClass))
    for (const column of own)
      rule(
        columns.includes(column) === (name === "always" || granted.includes(name)),
        `its columns don't match what was granted: ${column}`,
      )
  const listed = list(manifest["tables"]).map(fields)
  let [at, rows] = [0, 0]
  for (const [account, record] of accounts.entries()) {
    const tables = list(record["tables"]).map(fields)
    onlyFields(record, "account")
    for (const table of tables) onlyFields(table, "table")
    const held = tables.flatMap((table) => list(table["columns"]).map((column) => `${string(table["table"])}.${string(column)}`))
    const expected = record["found"] === true && granted.length > 0 ? columns : []
    rule(canonical(held.toSorted()) === canonical([...expected].toSorted()), "an account has a column too few or too many")
    for (const table of tables) {
      const tableRows = list(table["rows"]).map(list)
      const width = list(table["columns"]).length
      rule(
        tableRows.every((row) => row.length === width),
        "a row has a different width than its table",
      )
      const entry = {
        account,
        table: string(table["table"]),
        columns: table["columns"] ?? null,
        rowCount: tableRows.length,
        sha256: sha256(canonical(tableRows)),
      }
      rule(canonical(entry) === canonical(listed[at] ?? null), "the rows don't match the manifest in number or hash")
      at++
      rows += tableRows.length
    }
  }
  rule(at === listed.length, "a table of the manifest is missing")
  return {
    origin: string(manifest["origin"]),
    purpose,
    caseId: purpose === "own record" ? undefined : string(fields(manifest["about"])["case"]),
    accounts: accounts.length,
    found: found.length,
    rows,
    columns,
    impossible: list(manifest["impossible"]).map(string),
    inventorySha256: string(manifest["inventorySha256"]),
    key,
    sha256: createHash("sha256").update(file).digest("hex"),
  }
}

/** `table.column` of everything that may be handed over; `table.count` of what is only counted. */
function exportedColumns(inventory: readonly Fields[]): ReadonlySet<string> {
  return new Set(
    inventory
      .filter((entry) => entry["exported"] !== "no")
      .map((entry) => {
        const place = string(entry["place"]).replace(/^(?:accounts\.db|nodoor\.sqlite) /, "")
        return entry["exported"] === "count" ? place.replace(/\.[a-z_]+$/, ".count") : place
      }),
  )
}

function onlyFields(part: Fields, name: keyof typeof fieldsOf): void {
  rule(Object.keys(part).toSorted().join(" ") === fieldsOf[name], `its ${name} has unexpected fields`)
}

function isSigned(content: Fields, { key, signature }: { readonly key: string; readonly signature: string }): boolean {
  const publicKey = Buffer.from(key, "base64")
  if (publicKey.length !== 32) return false
  const message = Buffer.concat([Buffer.from("nodoor/disclosure/v1\0"), createHash("sha256").update(canonical(content)).digest()])
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey])
  return verify(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), Buffer.from(signature, "base64"))
}

/** RFC 8785, for text and whole numbers. */
function canonical(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join(",")}]`
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function fields(value: Json | undefined): Fields {
  rule(value !== undefined && value !== null && typeof value === "object" && !isList(value), "a part is missing or has the wrong type")
  return value as Fields
}

function list(value: Json | undefined): readonly Json[] {
  rule(value !== undefined && isList(value), "a part is missing or has the wrong type")
  return value as readonly Json[]
}

function string(value: Json | undefined): string {
  rule(typeof value === "string", "a part is missing or has the wrong type")
  return value as string
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

function attempt<T>(run: () => T, broken: string): T {
  try {
    return run()
  } catch (error) {
    throw new CliError("archive_refused", `The archive failed its check: ${broken}.`, { cause: error })
  }
}

function rule(holds: boolean, broken: string): void {
  if (!holds) throw new CliError("archive_refused", `The archive failed its check: ${broken}.`)
}
