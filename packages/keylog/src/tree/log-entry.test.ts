import assert from "node:assert/strict"
import { test } from "node:test"
import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import { digest } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { KeylogError } from "../core/keylog-error.ts"
import { type LogEntry, formatLogEntry, parseLogEntry } from "./log-entry.ts"

const reference = { index: 7, hash: digest("entry") }
const entries: LogEntry[] = [
  {
    kind: "epoch",
    epoch: 3,
    timeMs: 1_769_817_600_000,
    configHash: digest("config"),
    policy: reference,
    prev: digest("prev"),
    keyCount: 12,
    mapRoot: digest("map"),
    deltaCount: 4,
    deltaHash: digest("delta"),
    release: undefined,
    notice: reference,
  },
  { kind: "config", origin: "chat.example/kt/1", vrfKey: digest("vrf"), logKey: digest("log"), resetDelayMs: 86_400_000 },
  { kind: "policy", quorum: 2, faults: 0, audits: 1, witnesses: ["w1+00+a", "w2+00+b"], operators: ["o+00+c"], auditors: ["a+00+d"] },
  {
    kind: "rekey",
    origin: "chat.example/kt/1",
    oldKey: digest("old"),
    newKey: digest("new"),
    oldSignature: new Uint8Array(64).fill(1),
    newSignature: new Uint8Array(64).fill(2),
  },
  { kind: "release", version: "1.2.3-rc.1", manifestHash: digest("manifest"), effectiveMs: 5, emergency: true },
  { kind: "notice", day: "2026-01-31", slot: digest("slot"), opened: [{ day: "2025-12-31", key: digest("k"), body: toUtf8("{}") }] },
  { kind: "end", timeMs: 9, successor: "next.example/kt/1" },
  { kind: "end", timeMs: 9, successor: undefined },
]

test("Every kind of entry is read back as it was written", () => {
  for (const entry of entries) assert.deepEqual(parseLogEntry(formatLogEntry(entry)), entry)
  assert.equal(fromUtf8(formatLogEntry(entries[6] as LogEntry)), "kt-end/v1\ntime 9\nsuccessor next.example/kt/1\n")
})

test("E1: unknown entries, unknown lines, missing lines, other spellings and oversize are refused", () => {
  const epoch = fromUtf8(formatLogEntry(entries[0] as LogEntry))
  const bad = [
    "",
    "kt-epoch/v1\n",
    "kt-unknown/v1\n",
    epoch.slice(0, -1),
    `${epoch}\n`,
    `${epoch}extra 1\n`,
    epoch.replace("epoch 3", "epoch 03"),
    epoch.replace("epoch 3", "epoch +3"),
    epoch.replace("epoch 3", "epoch 9007199254740992"),
    epoch.replace("\n", "\r\n"),
    epoch.replace("config 0", "config 1"),
    epoch.replace("release none", "release"),
    epoch.replace("release none", "release none "),
    epoch.replace(/policy .*\n/, "policy none\n"),
    epoch.replace("time 1769817600000\n", ""),
    "kt-notice/v1\nday 2026-13-01\nslot AAAA\n",
    "kt-release/v1\nversion a b\nmanifest AAAA\n",
  ]
  for (const text of bad) refuses("entry_malformed", () => parseLogEntry(toUtf8(text)))
  refuses("entry_malformed", () => parseLogEntry(new Uint8Array(65536).fill(97)))
  refuses("entry_malformed", () => parseLogEntry(Uint8Array.of(0xff, 0x0a)))
})

test("E1: values outside their kind are refused although their spelling is the one there is", () => {
  const [epoch, config, , rekey, release, notice, end] = entries as [LogEntry, LogEntry, LogEntry, LogEntry, LogEntry, LogEntry, LogEntry]
  const bad = [
    { ...epoch, mapRoot: new Uint8Array(33) },
    { ...epoch, prev: new Uint8Array() },
    { ...config, origin: "two words" },
    { ...config, vrfKey: new Uint8Array(31) },
    { ...rekey, origin: "a+b" },
    { ...rekey, newSignature: new Uint8Array(63) },
    { ...release, version: "one two" },
    { ...release, version: "v".repeat(65) },
    { ...notice, day: "2026-02-32" },
    { ...notice, day: "26-02-01" },
    { ...notice, opened: [{ day: "yesterday", key: digest("k"), body: toUtf8("{}") }] },
    { ...notice, opened: Array.from({ length: 1000 }, () => ({ day: "2026-02-01", key: digest("k"), body: toUtf8("{}") })) },
    { ...end, successor: "no origin" },
  ] as LogEntry[]
  for (const entry of bad) refuses("entry_malformed", () => parseLogEntry(formatLogEntry(entry)))
  const text = fromUtf8(formatLogEntry(epoch))
  refuses("entry_malformed", () => parseLogEntry(toUtf8(text.replace(/map .*\n/, "map none\n"))))
  refuses("entry_malformed", () => parseLogEntry(toUtf8(text.replace("time ", "tine "))))
})

/** The entry, or undefined if it is refused with the code. */
function readOrRefuse(bytes: Uint8Array): LogEntry | undefined {
  try {
    return parseLogEntry(bytes)
  } catch (error) {
    assert.ok(error instanceof KeylogError && error.code === "entry_malformed")
    return undefined
  }
}

test("E1: every flipped bit of an entry is refused, or is another entry with bytes of its own", () => {
  for (const entry of entries) {
    const good = formatLogEntry(entry)
    for (let i = 0; i < good.length; i++) {
      for (const mask of [0x01, 0x04, 0x20, 0x80]) {
        const bad = good.with(i, (good[i] as number) ^ mask)
        const read = readOrRefuse(bad)
        if (read) assert.notDeepEqual(read, entry)
      }
    }
  }
})
