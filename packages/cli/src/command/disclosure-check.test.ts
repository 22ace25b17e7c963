import assert from "node:assert/strict"
import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { before, test } from "node:test"
import { archivesOf } from "@nodoor/server/fixtures"
import { CliError } from "../cli-error.ts"
import { checkDisclosure } from "./disclosure-check.ts"

let archives: Awaited<ReturnType<typeof archivesOf>>
before(async () => {
  archives = await archivesOf("alice")
})
const check = (text: string): ReturnType<typeof checkDisclosure> => checkDisclosure(new TextEncoder().encode(text))
const refused = (text: string, words: RegExp): void =>
  assert.throws(
    () => check(text),
    (error: unknown) => error instanceof CliError && error.code === "archive_refused" && words.test(error.message),
  )

test("an archive of the desk and one's own record are accepted, with what they hold and what was refused", () => {
  const own = check(archives.own)
  assert.deepEqual([own.purpose, own.accounts, own.found, own.rows, own.columns.length], ["own record", 1, 1, 3, 10])
  const lawful = check(archives.lawful)
  assert.deepEqual([lawful.purpose, lawful.accounts, lawful.found, lawful.rows], ["lawful request", 2, 1, 1])
  assert.deepEqual(lawful.columns, ["accounts.account_id", "accounts.handle", "accounts.holder_name"])
  assert.deepEqual(lawful.impossible, ["content"])
  assert.deepEqual([lawful.key, lawful.inventorySha256], [own.key, own.inventorySha256])
})

test("an archive in which anything was changed, left out, added, spelled otherwise or signed by nobody is refused", () => {
  const { own } = archives
  refused(own.replace("Holder of alice", "Holder of alicf"), /signature/)
  refused(own.replace(/"rows":\[\[/, '"rows": [['), /canonical form/)
  refused(own.replace('{"accounts"', '{"accounts":[],"accounts"'), /canonical form/)
  refused(`${own} `, /canonical form/)
  refused("", /JSON/)
  refused("[]\n", /wrong type/)
  refused('{"format":"nodoor-disclosure/v2"}\n', /format/)
  refused(own.replace(/"signature":"[^"]+"/, '"signature":"AAAA"'), /signature/)
  refused(own.replace(/"key":"[^"]+"/, '"key":"AAAA"'), /signature/)
  assert.throws(() => checkDisclosure(new Uint8Array([0xff])), CliError)
})

interface Table {
  columns: string[]
  rows: (string | number)[][]
}
interface Whole {
  letter: string
  signature?: string
  inventory: { place: string; exported: string }[]
  accounts: { found: boolean; tables: Table[] }[]
  manifest: { key: string; purpose: string; granted: string[]; columns: string[]; tables: object[] }
}

/** As an operator would who signs what is not so. */
function signedAnew(text: string, change: (whole: Whole) => void): string {
  const whole = JSON.parse(text) as Whole
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  change(whole)
  whole.manifest.key = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64")
  delete whole.signature
  const digest = createHash("sha256").update(JSON.stringify(whole)).digest()
  whole.signature = sign(null, Buffer.concat([Buffer.from("nodoor/disclosure/v1\0"), digest]), privateKey).toString("base64")
  return `${JSON.stringify(whole)}\n`
}

test("an archive that its server signed is refused all the same when it leaves out, adds or hides something", () => {
  const { own, lawful } = archives
  assert.equal(check(signedAnew(own, () => {})).rows, 3, "the signing itself is accepted")
  const first = ({ accounts }: Whole): Table => accounts[0]?.tables[0] as Table
  for (const [change, words] of [
    [(whole: Whole) => void (whole.letter += "x"), /letter/],
    [(whole: Whole) => void whole.inventory.pop(), /inventory/],
    [(whole: Whole) => void first(whole).rows.pop(), /number or hash/],
    [(whole: Whole) => void first(whole).rows.push(first(whole).rows[0] as string[]), /number or hash/],
    [(whole: Whole) => void first(whole).rows[0]?.pop(), /width/],
    [(whole: Whole) => void first(whole).columns.pop(), /column too few or too many/],
    [(whole: Whole) => void whole.accounts[0]?.tables.pop(), /column too few or too many/],
    [(whole: Whole) => void whole.accounts.pop(), /manifest is missing/],
    [(whole: Whole) => void whole.manifest.columns.pop(), /record is missing/],
    [(whole: Whole) => void (whole.manifest.columns[0] = "devices.device_id"), /doesn't allow/],
    [(whole: Whole) => void (whole.manifest.purpose = "other"), /purpose/],
  ] as const)
    refused(signedAnew(own, change), words)
  for (const hide of [
    (whole: Whole) => Object.assign(whole, { more: "content" }),
    (whole: Whole) => Object.assign(whole.manifest, { zzz: "content" }),
    (whole: Whole) => Object.assign(whole.accounts[0] ?? {}, { zzz: "content" }),
    (whole: Whole) => Object.assign(first(whole), { zzz: "content" }),
  ])
    refused(signedAnew(own, hide), /unexpected fields/)
  for (const granted of [["email", "holder_name"], [], ["email"]])
    refused(
      signedAnew(lawful, (whole) => void (whole.manifest.granted = granted)),
      /don't match what was granted/,
    )
  refused(
    signedAnew(lawful, (whole) => void ((whole.accounts[1] as Whole["accounts"][0]).found = true)),
    /column too few or too many/,
  )
})
