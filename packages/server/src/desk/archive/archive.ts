// The archive that is handed over, and that people get about themselves. It is one JSON text with a manifest, the rows, a letter and a
// signature. The same rows make the same bytes.

import { type Json, assert, canonicalJson, canonicalText, toBase64, toHex, toUtf8 } from "@nodoor/bytes"
import { serverCrypto, sha256 } from "../../core/crypto.ts"
import { inventory, inventoryHash } from "../../inventory/inventory.ts"
import type { SigningKey } from "../../keylog/keeper/log-keys.ts"
import type { DisclosableTable } from "../../accounts/store/store.ts"
import { version } from "../../core/version.ts"
import type { ApprovedCase, ReservedSlot } from "../cases/approved.ts"
import { type HeldClass, heldClasses, scopeOf } from "../cases/desk-request.ts"
import { type PublicFacts, impossibilityStatement } from "./impossibility.ts"
import { type Scope, letterOf } from "./letter.ts"

/** Which columns make up a class; those of `always` say whose record it is. Together they are what the inventory exports. */
export const columnsOf: Readonly<Record<HeldClass | "always", readonly string[]>> = {
  always: ["accounts.account_id", "accounts.handle"],
  holder_name: ["accounts.holder_name"],
  email: ["accounts.email"],
  created: ["accounts.created_at_ms"],
  last_seen_day: ["accounts.last_seen_day"],
  ip_addresses: ["addresses.address", "addresses.first_seen_ms", "addresses.last_seen_ms"],
  device_count: ["devices.count"],
}

/** One account as the archive takes it; `tables` is empty if there is no such account. */
export interface NamedAccount {
  /** As the request names it. */
  readonly asked: string
  readonly tables: readonly DisclosableTable[]
  readonly facts: PublicFacts | undefined
}

export interface ArchiveParts {
  readonly origin: string
  readonly accounts: readonly NamedAccount[]
  readonly key: SigningKey
}

export interface Archive {
  readonly text: string
  /** SHA-256 of the text, hexadecimal. */
  readonly digest: string
  readonly letter: string
}

/** The archive of a case: what it asks for, as far as its instrument allows. It can't be called without an approved case and its slot. */
export function caseArchive(approved: ApprovedCase, slot: ReservedSlot, parts: ArchiveParts): Archive {
  const { caseId, request } = approved.case
  assert(slot.caseId === caseId, "the slot of this case")
  assert(
    parts.accounts.length === request.accounts.length && parts.accounts.every(({ asked }, at) => asked === request.accounts[at]),
    "the accounts that the request names, and no others",
  )
  const { granted, beyond, impossible } = scopeOf(request)
  const { authority, country, instrument, legalBasis, reference, issued, received } = request
  const about = { case: caseId, authority, country, instrument, legalBasis, reference, issued, received }
  return archiveOf({ purpose: "lawful request", about, granted, beyond, impossible, approvals: approved.approvers.length }, parts)
}

/** What a person gets about themselves: everything, by the same code. */
export function ownArchive(parts: ArchiveParts): Archive {
  assert(parts.accounts.length === 1, "one's own account")
  return archiveOf({ purpose: "own record", about: null, granted: heldClasses, beyond: [], impossible: [], approvals: 0 }, parts)
}

/** The classes of which the rows hold something. For an account without an e-mail address, no e-mail address was handed over. */
export function heldOf(tables: readonly DisclosableTable[], granted: readonly HeldClass[]): readonly HeldClass[] {
  const hasValue = (place: string): boolean =>
    tables.some(({ table, columns, rows }) => {
      const at = columns.findIndex((column) => `${table}.${column}` === place)
      return at >= 0 && rows.some((row) => row[at] !== null && row[at] !== "")
    })
  return granted.filter((name) => columnsOf[name].some(hasValue))
}

function archiveOf(scope: Scope, { origin, accounts, key }: ArchiveParts): Archive {
  const columns = new Set([...columnsOf.always, ...scope.granted.flatMap((name) => columnsOf[name])])
  const records = accounts.map(({ asked, tables, facts }) => ({
    asked,
    found: tables.length > 0,
    tables: tables.map((table) => ({ ...narrowed(table, columns) })).filter((table) => table.columns.length > 0),
    statement: facts === undefined || scope.impossible.length === 0 ? null : impossibilityStatement(facts, scope.impossible),
  }))
  const letter = letterOf({ scope, origin, records })
  const content = {
    format: "nodoor-disclosure/v1",
    manifest: {
      origin,
      server: version,
      purpose: scope.purpose,
      about: scope.about,
      approvals: scope.approvals,
      granted: scope.granted.toSorted(),
      beyondInstrument: scope.beyond.toSorted(),
      impossible: scope.impossible.toSorted(),
      inventorySha256: inventoryHash(),
      columns: [...columns].toSorted(),
      letterSha256: toHex(sha256(toUtf8(letter))),
      tables: records.flatMap(({ tables }, account) =>
        tables.map(({ table, columns: names, rows }) => ({
          account,
          table,
          columns: names,
          rowCount: rows.length,
          sha256: rowsHash(rows),
        })),
      ),
      key: toBase64(key.publicKey),
    },
    inventory: inventory.map((entry) => ({ ...entry })),
    accounts: records,
    letter,
  } satisfies Json
  const message = Buffer.concat([toUtf8("nodoor/disclosure/v1\0"), sha256(canonicalJson(content))])
  const signature = toBase64(serverCrypto.signEd25519({ privateKey: key.privateKey, message }))
  const text = `${canonicalText({ ...content, signature })}\n`
  return { text, digest: toHex(sha256(toUtf8(text))), letter }
}

function narrowed({ table, columns, rows }: DisclosableTable, wanted: ReadonlySet<string>): DisclosableTable {
  const kept = columns.flatMap((name, at) => (wanted.has(`${table}.${name}`) ? [at] : []))
  return { table, columns: kept.map((at) => columns[at] as string), rows: rows.map((row) => kept.map((at) => row[at] ?? null)) }
}

function rowsHash(rows: DisclosableTable["rows"]): string {
  return toHex(sha256(canonicalJson(rows)))
}
