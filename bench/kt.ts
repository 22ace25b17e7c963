// Key transparency at a million keys: what a server does per lookup and epoch, what a client and an auditor do.

import { hash } from "node:crypto"
import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { toBase64 } from "@nodoor/bytes"
import {
  type AccountId,
  Auditor,
  type EpochEntry,
  type PrefixMap,
  type SearchRequest,
  type VrfPrivateKey,
  accountLabel,
  answerSearch,
  encodeSearchRequest,
  encodeSearchResponse,
  formatLogEntry,
  handleLabel,
  mapRowBytes,
  nobleLogCrypto,
  signHandleBinding,
  vrfPrivateKey,
  vrfProve,
} from "@nodoor/keylog"
import { TestLog, cosigner, digest, genesis, nodeLogCrypto, testDevice, testOrigin } from "@nodoor/keylog/fixtures"
import { serverX25519 } from "@nodoor/server"
import { runInChromium } from "./chromium.ts"
import type { PageAnswer, PageRequest } from "./kt/browser-page.ts"
import { type Look, type Looks, clientOf } from "./kt/client.ts"
import { type NewAccounts, measureNewAccounts } from "./kt/new-accounts.ts"
import { formatBytes, formatTiming, measureInTurn } from "./measurement.ts"
import type { BenchOptions, Section, Table } from "./section.ts"

const witnesses = ["w1.example", "w2.example", "w3.example"].map(cosigner)

export async function run({ tiny, progress }: BenchOptions): Promise<Section> {
  const keyCount = tiny ? 2_000 : 1_000_000
  const epochKeys = tiny ? 20 : 1_000
  const epochCount = tiny ? 20 : 200
  const userCount = tiny ? 3 : 50
  progress(`filling a map with ${keyCount} keys`)
  const filler = sortedRows(0, keyCount)
  const log = new TestLog({ witnesses })
  log.publishDelta(filler)
  const mapBytes = log.map.memoryBytes

  progress(`${epochCount} epochs of ${epochKeys} keys`)
  const epochs = buildEpochs(log, { from: keyCount, epochKeys, epochCount })
  const insertsPerSecond = batchInserts(log.map, { from: keyCount + epochKeys * epochCount, count: tiny ? 500 : 50_000, batch: 10_000 })

  progress("lookups")
  const users = Array.from({ length: userCount }, (_, i) => register(log, i))
  log.publish([])
  const request: SearchRequest = { lastSize: undefined, logKey: log.pin.logKey, knownPolicy: undefined, labels: [] }
  const requests = users.map(({ handle }): SearchRequest => ({ ...request, labels: [{ label: handle, knownVersion: undefined }] }))
  const head = log.headProof(request, witnesses)
  const source = log.source
  const answers = requests.map((one) => encodeSearchResponse(answerSearch({ request: one, head, source })))
  let turn = 0
  const server = await measureInTurn(
    [
      {
        name: "lookup",
        batch: 10,
        run: () => encodeSearchResponse(answerSearch({ request: requests[turn++ % userCount] as SearchRequest, head, source })),
      },
    ],
    { count: tiny ? 3 : 500, maxMs: 10_000, warmUps: tiny ? 1 : 50 },
  )
  const lookup = server.get("lookup")

  progress("clients")
  const looks = twoLooks(log, users[0] as User)
  const native = clientOf(nodeLogCrypto, looks)
  const plain = clientOf(nobleLogCrypto, looks)
  const client = await measureInTurn(
    [
      { name: "cold, native Ed25519", run: native.cold },
      { name: "cold, JavaScript only", run: plain.cold },
      { name: "warm, native Ed25519", run: native.warm },
      { name: "warm, JavaScript only", run: plain.warm },
    ],
    { count: tiny ? 2 : 60, maxMs: 10_000, warmUps: tiny ? 1 : 5 },
  )

  progress("clients in Chromium")
  const browserRows = await inChromium(looks, tiny)
  progress("auditor")
  const replayPerSecond = replay(filler, tiny ? 500 : 10_000)
  progress("new accounts into the log")
  const newAccounts = await measureNewAccounts({ tiny, rounds: tiny ? 1 : 3 })
  const vrf = await measureInTurn(vrfContestants(), { count: tiny ? 3 : 200, maxMs: 5_000, warmUps: 5 })
  const epochMs = epochs.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${(epochMs[Math.min(epochMs.length - 1, Math.floor(share * epochMs.length))] as number).toFixed(1)} ms`
  const thousands = (value: number): string => Math.round(value).toLocaleString("en")
  const clientRow = (name: string, goal: string): string[] => [`client verifies in Node, ${name}`, formatTiming(client.get(name)), goal]
  return {
    title: "Key transparency",
    tables: [
      {
        caption: `${thousands(keyCount)} keys, one core`,
        columns: ["", "measured", "goal"],
        rows: [
          ["lookup of a handle and its account, VRF cached", `${thousands(1e6 / (lookup?.medianUs ?? 0))}/s`, "≥ 2,000/s"],
          ["inserts in batches of 10,000", `${thousands(insertsPerSecond)}/s`, "≥ 5,000/s"],
          [`epoch of ${thousands(epochKeys)} keys, median`, at(0.5), ""],
          [`epoch of ${thousands(epochKeys)} keys, p99`, at(0.99), "≤ 250 ms"],
          ["memory of the map", formatBytes(mapBytes), "≤ 300 MB"],
          ["bytes of that lookup, three witnesses", formatBytes((answers[0] as Uint8Array).length), "≤ 6 kB"],
          clientRow("cold, native Ed25519", "≤ 50 ms"),
          clientRow("cold, JavaScript only", "≤ 50 ms"),
          clientRow("warm, native Ed25519", "≤ 5 ms"),
          clientRow("warm, JavaScript only", "≤ 5 ms"),
          ...browserRows,
          ["auditor replays", `${thousands(replayPerSecond)} inserts/s`, "≥ 10,000/s"],
          ["VRF proof of a new label (made once, then cached), JavaScript only", formatTiming(vrf.get("JavaScript")), ""],
          ["VRF proof of a new label, with the platform's X25519", formatTiming(vrf.get("X25519")), ""],
        ],
      },
      tableOfNewAccounts(newAccounts),
    ],
    notes: [
      "An epoch is: sort the delta, stage and commit it in the map, hash it, write the epoch entry, grow the tiles, sign the checkpoint. Writing to disk and asking witnesses is not in it, nor the VRF, which runs before.",
      "A new account is two labels, its state and its handle: two VRF proofs, two rows of the map. *In one thread, in JavaScript* is how the log took them until commit 9db8db5. Both run the server's sequencer with its epoch a second at the earliest, on a file with the usual durability and without witnesses, until the last account is under a published checkpoint. Runs alternate.",
      "A cold client has nothing: four VRF proofs, the account chain, the handle's binding, three witnesses. A warm one has the head, the account and the indices, and learns that nothing changed one epoch later.",
    ],
  }
}

interface User {
  readonly label: Uint8Array
  readonly handle: Uint8Array
}

/** An account with one device, and its handle, in an epoch of their own. */
function register(log: TestLog, i: number): User {
  const accountId = digest(`account ${i}`).slice(0, 16) as AccountId
  const account = genesis(["a"], { accountId })
  const device = testDevice("a")
  const content = { origin: testOrigin, handle: `user.${i}`, accountId, genesisHash: account.genesisHash, deviceId: device.deviceId }
  const user = { label: accountLabel(accountId), handle: handleLabel(`user.${i}`) }
  log.publish([
    { label: user.label, value: account.signed },
    { label: user.handle, value: signHandleBinding(nodeLogCrypto, content, device.privateKey) },
  ])
  log.vrf(user.label, 1)
  log.vrf(user.handle, 1)
  return user
}

/** Two looks at one user, an epoch apart; the second knows what the first taught. */
function twoLooks(log: TestLog, user: User): Looks {
  const cold: SearchRequest = {
    lastSize: undefined,
    logKey: log.pin.logKey,
    knownPolicy: undefined,
    labels: [{ label: user.handle, knownVersion: undefined }],
  }
  const lastSize = log.tree.size
  const first = log.search(cold, witnesses)
  log.publish([])
  const warm: SearchRequest = {
    lastSize,
    logKey: log.pin.logKey,
    knownPolicy: log.policy.hash,
    labels: [
      { label: user.handle, knownVersion: undefined },
      { label: user.label, knownVersion: 0 },
    ],
  }
  return {
    config: log.entries[0] as Uint8Array,
    nowMs: log.timeMs,
    cold: { request: encodeSearchRequest(cold), response: first },
    warm: { request: encodeSearchRequest(warm), response: log.search(warm, witnesses) },
  }
}

async function inChromium(looks: Looks, tiny: boolean): Promise<string[][]> {
  const look = ({ request, response }: Look): PageRequest["cold"] => ({ request: toBase64(request), response: toBase64(response) })
  const request: PageRequest = {
    config: toBase64(looks.config),
    nowMs: looks.nowMs,
    cold: look(looks.cold),
    warm: look(looks.warm),
    count: tiny ? 2 : 60,
  }
  const found = await runInChromium<PageRequest, PageAnswer>(resolve(import.meta.dirname, "kt/browser-page.ts"), [request])
  if (found === undefined) return [["client in Chromium", "not measured: none at hand", ""]]
  const rows = Object.entries(found.answers[0] ?? {})
  return rows.map(([name, timing]) => [
    `client verifies in Chromium ${found.version.split(".")[0]}, ${name}`,
    formatTiming(timing),
    name.startsWith("cold") ? "≤ 50 ms" : "≤ 5 ms",
  ])
}

/** Milliseconds per epoch. */
function buildEpochs(log: TestLog, input: { readonly from: number; readonly epochKeys: number; readonly epochCount: number }): number[] {
  return Array.from({ length: input.epochCount }, (_, i) => {
    const from = input.from + i * input.epochKeys
    const unsorted = rows(from, input.epochKeys)
    const startMs = performance.now()
    log.publishDelta(sorted(unsorted))
    log.checkpoint()
    return performance.now() - startMs
  })
}

function batchInserts(map: PrefixMap, input: { readonly from: number; readonly count: number; readonly batch: number }): number {
  const batches: Uint8Array[] = []
  for (let at = 0; at < input.count; at += input.batch) batches.push(sortedRows(input.from + at, Math.min(input.batch, input.count - at)))
  const startMs = performance.now()
  for (const batch of batches) map.stage(batch).commit()
  return input.count / ((performance.now() - startMs) / 1000)
}

/** Inserts per second of an auditor that replays the keys from nothing, in deltas of `batch`. */
function replay(all: Uint8Array, batch: number): number {
  const log = new TestLog()
  const deltas: Uint8Array[] = []
  const count = all.length / mapRowBytes
  for (let at = 0; at < count; at += batch) deltas.push(sorted(everyNth(all, { start: at / batch, step: Math.ceil(count / batch) })))
  for (const delta of deltas) log.publishDelta(delta)
  const auditor = new Auditor(nodeLogCrypto)
  let epoch = 0
  const startMs = performance.now()
  for (const entry of log.entries) {
    const isEpoch = epoch < log.epochs.length && isSame(entry, formatLogEntry(log.epochs[epoch] as EpochEntry))
    auditor.append(entry, isEpoch ? log.deltas[epoch++] : undefined)
  }
  auditor.verifyCheckpoint(log.checkpoint())
  return auditor.keyCount / ((performance.now() - startMs) / 1000)
}

function tableOfNewAccounts({ plain, threaded }: NewAccounts): Table {
  const middle = (figures: readonly number[]): number => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
  const row = (name: string, figures: readonly number[], goal: string): string[] => {
    const spread = `${Math.round(Math.min(...figures)).toLocaleString("en")}–${Math.round(Math.max(...figures)).toLocaleString("en")}`
    const times = (middle(figures) / middle(plain)).toFixed(1)
    return [name, Math.round(middle(figures)).toLocaleString("en"), spread, `${times} ×`, goal]
  }
  return {
    caption: "New accounts into the log",
    columns: ["", "accounts/s, median", "least–most", "", "goal"],
    rows: [
      row("in one thread, in JavaScript", plain, ""),
      row(`in ${availableParallelism()} threads, with the platform's X25519`, threaded, "≥ 1,000/s"),
    ],
  }
}

function vrfContestants(): { readonly name: string; readonly run: () => unknown }[] {
  let i = 0
  const contestant = (name: string, key: VrfPrivateKey) => ({ name, run: () => vrfProve(key, digest(`label ${i++}`)) })
  return [contestant("JavaScript", vrfPrivateKey(digest("bench"))), contestant("X25519", vrfPrivateKey(digest("bench"), serverX25519))]
}

/** Pseudorandom rows, as VRF outputs and commitments are. */
function rows(from: number, count: number): Uint8Array {
  const out = new Uint8Array(count * mapRowBytes)
  for (let i = 0; i < count; i++) out.set(hash("sha512", `row ${from + i}`, "buffer"), i * mapRowBytes)
  return out
}

function sortedRows(from: number, count: number): Uint8Array {
  return sorted(rows(from, count))
}

function sorted(unsorted: Uint8Array): Uint8Array {
  const list = Array.from({ length: unsorted.length / mapRowBytes }, (_, i) => unsorted.subarray(i * mapRowBytes, (i + 1) * mapRowBytes))
  list.sort(Buffer.compare)
  return new Uint8Array(Buffer.concat(list))
}

function everyNth(all: Uint8Array, { start, step }: { readonly start: number; readonly step: number }): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = start; at * mapRowBytes < all.length; at += step) parts.push(all.subarray(at * mapRowBytes, (at + 1) * mapRowBytes))
  return new Uint8Array(Buffer.concat(parts))
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
