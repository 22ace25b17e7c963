// The MLS engine against its peers and against the bare primitives: the table of goals in one run.

import { execFile } from "node:child_process"
import { resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { promisify } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { nodeProvider } from "@nodoor/mls/node"
import { type Contestant, type Timing, formatBytes, formatTiming, measureInTurn } from "./measurement.ts"
import { runInChromium } from "./mls/browser.ts"
import { bundleSize } from "./mls/bundle.ts"
import type { OperationName } from "./mls/browser-page.ts"
import type { Contender, Prepared } from "./mls/contender.ts"
import { floor } from "./mls/floor.ts"
import { Figures, goalTable, role } from "./mls/goals.ts"
import { openMls } from "./mls/openmls.ts"
import { ours } from "./mls/ours.ts"
import type { PeakMemory } from "./mls/peak-memory.ts"
import { tsMls } from "./mls/ts-mls.ts"
import { installPeers, peersAreInstalled } from "./peers/install.ts"
import type { BenchOptions, Section, Table } from "./section.ts"

const operations: readonly (readonly [name: OperationName, title: string])[] = [
  ["encrypt", "encrypt 64 B"],
  ["decrypt", "decrypt 64 B"],
  ["encryptAndSave", "encrypt 64 B and have the state to store as bytes"],
  ["ownCommit", "commit of one's own (renews the path)"],
  ["processCommit", "process and apply another member's commit"],
  ["processFirstCommit", "the same, right after everybody was added at once"],
  ["join", "join after other members have committed"],
]

export async function run(options: BenchOptions): Promise<Section> {
  const sizes = options.tiny ? [2, 5] : [2, 32, 256, 1000]
  const timeMs = Date.now()
  const withPeers = options.tiny ? peersAreInstalled() : await installPeers(options.progress)
  const contenders: readonly Contender[] = [
    floor("primitives", 0x004f, nodeProvider),
    ours("Nodoor, hybrid (0x004F)", 0x004f, nodeProvider, timeMs),
    ours("Nodoor, X25519 (0x0001)", 0x0001, nodeProvider, timeMs),
    await tsMls(nodeProvider, timeMs),
    await openMls(),
    ...(withPeers ? [(await import("./peers/libsignal.ts")).libsignal] : []),
  ]
  const tables: Table[] = []
  const bytesRows: string[][] = []
  const savingRows: string[][] = []
  const figures = new Figures()
  for (const size of sizes) {
    const prepared = await prepareAll(contenders, size, options)
    tables.push(await timings(prepared, size, options, figures))
    savingRows.push([`${size} members`, ...(await saving(prepared, options, figures))])
    for (const [name, { bytes }] of prepared) {
      if (Object.keys(bytes).length === 0) continue
      if (role(name) === "hybrid") figures.set("stored", bytes.storedPerMessage)
      const cells = [
        bytes.application,
        bytes.commit,
        bytes.firstCommit,
        bytes.welcome,
        bytes.storedPerMessage,
        bytes.storedPerFirstMessage,
        bytes.storedPerCommit,
      ].map(formatBytes)
      bytesRows.push([name, String(size), ...cells])
    }
  }
  tables.push({
    caption: "Bytes",
    columns: [
      "",
      "N",
      "message of 64 B",
      "commit",
      "first commit",
      "Welcome with tree",
      "stored per message",
      "first of an epoch",
      "stored per commit",
    ],
    rows: bytesRows,
  })
  tables.push({
    caption: "Saving after a message: from the state in memory to a committed transaction of SQLite in memory",
    columns: ["", ...savers],
    rows: savingRows,
  })
  tables.push(await addingEverybody(options, figures))
  const { scriptBytes, wasmBytes } = await bundleSize()
  tables.push({
    caption: "What a browser loads, compressed with gzip",
    columns: ["", "script", "WebAssembly", "together"],
    rows: [["Nodoor, engine and provider", ...[scriptBytes, wasmBytes, scriptBytes + wasmBytes].map(formatBytes)]],
  })
  figures.set("bundle", scriptBytes + wasmBytes)
  const inBrowser = await browserTables(options, figures)
  return {
    title: "MLS engine",
    tables: [goalTable(figures), ...tables, ...inBrowser.tables],
    notes: [...notes, ...(withPeers ? [] : [withoutPeers]), ...inBrowser.notes],
  }
}

const notes: readonly string[] = [
  "Everything runs in one thread, and contenders take turns: operation by operation, with messages by tens. *Primitives* are one Ed25519 operation, two AEADs and five key derivations on the same provider, without which no MLS message is possible.",
  "Groups are made as they come to be: one member adds all the others in one commit, a few at different places of the tree commit, and from then on a commit is encrypted to one node per level. *Right after everybody was added* a commit is encrypted to each member singly, which is the worst case.",
  "Messages start and end as bytes. Every MLS state stays in memory, as each library hands it back; libsignal's session is serialised into an in-memory store with each message, which its interface demands. openmls-wasm keeps its state inside its own memory, does not offer other commits than the founder's adds, and is left out above 256 members, where its adds one by one take minutes. ts-mls pads messages to 256 bytes and has no hybrid suite without further packages.",
  "Where an encryption's time goes, by `node --cpu-prof` over 40,000 messages of the hybrid suite (commit 821daf9; N = 2 and N = 1,000): signature 44 and 41 %, key derivations 22 and 22 %, AEADs 13 and 15 %, garbage collection 12 and 12 % (the primitives' own included), everything else 9 and 10 %, of which copying written structures out of their buffer is the largest part, 2 %.",
  "Peak memory is that of a process of its own that adds everybody in one commit: the most it ever had resident beyond what it had with all key packages at hand.",
]

const withoutPeers =
  "libsignal was not installed, so there is nothing of it in the tables. `npm ci --prefix bench/peers --ignore-scripts` installs it; a full run does so by itself."

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

async function prepareAll(
  contenders: readonly Contender[],
  size: number,
  { progress }: BenchOptions,
): Promise<(readonly [string, Prepared])[]> {
  const all: (readonly [string, Prepared])[] = []
  for (const contender of contenders) {
    progress(`preparing ${size} members of ${contender.name}`)
    const prepared = await contender.prepare(size)
    if (prepared !== undefined) all.push([contender.name, prepared])
  }
  return all
}

async function timings(
  prepared: readonly (readonly [string, Prepared])[],
  size: number,
  options: BenchOptions,
  figures: Figures,
): Promise<Table> {
  const rows: string[][] = []
  for (const [operation, title] of operations) {
    options.progress(`${title}, ${size} members`)
    const contestants: Contestant[] = prepared.flatMap(([name, { [operation]: one }]) =>
      one === undefined ? [] : [{ name, run: one.run, before: one.before }],
    )
    // What preparing groups of a thousand has left behind is collected before, not during.
    collectGarbage()
    const isMessage = operation.startsWith("encrypt") || operation === "decrypt"
    const count = options.tiny ? 2 : isMessage ? 100 : 40
    const results = await measureInTurn(contestants, {
      count,
      maxMs: options.tiny ? 500 : 6000,
      warmUps: options.tiny ? 1 : isMessage ? 20 : 3,
      perTurn: isMessage ? 11 : 1,
    })
    for (const [name, { medianUs }] of results) figures.set(`node/${size}/${operation}/${role(name)}`, medianUs)
    rows.push([title, ...prepared.map(([name]) => formatTiming(results.get(name)))])
  }
  return { caption: `${size} members`, columns: ["", ...prepared.map(([name]) => name)], rows }
}

const savers: readonly string[] = ["Nodoor, hybrid (0x004F)", "ts-mls 1.6.4, X25519"]

async function saving(prepared: readonly (readonly [string, Prepared])[], options: BenchOptions, figures: Figures): Promise<string[]> {
  const database = new DatabaseSync(":memory:")
  database.exec("CREATE TABLE record (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
  const put = database.prepare("INSERT INTO record (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
  const erase = database.prepare("DELETE FROM record WHERE key = ?")
  const contestants: Contestant[] = prepared.flatMap(([name, { toStore }]) => {
    if (toStore === undefined || !savers.includes(name)) return []
    const run = (): void => {
      database.exec("BEGIN")
      for (const { key, value } of toStore()) {
        if (value === undefined) erase.run(key)
        else put.run(key, value)
      }
      database.exec("COMMIT")
    }
    return [{ name, run }]
  })
  const results = await measureInTurn(contestants, {
    count: options.tiny ? 2 : 200,
    maxMs: options.tiny ? 500 : 6000,
    warmUps: options.tiny ? 1 : 20,
  })
  database.close()
  figures.set("save", results.get("Nodoor, hybrid (0x004F)")?.medianUs)
  return savers.map((name) => formatTiming(results.get(name)))
}

async function addingEverybody(options: BenchOptions, figures: Figures): Promise<Table> {
  const size = options.tiny ? 5 : 1000
  const rows: string[][] = []
  for (const [which, name] of [
    ["hybrid", "Nodoor, hybrid (0x004F)"],
    ["classical", "Nodoor, X25519 (0x0001)"],
    ["ts-mls", "ts-mls 1.6.4, X25519"],
  ] as const) {
    options.progress(`adding ${size - 1} in one commit: ${name}`)
    const runs: PeakMemory[] = []
    for (let i = 0; i < (options.tiny || which === "ts-mls" ? 1 : 3); i++) {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [resolve(import.meta.dirname, "mls/peak-memory.ts"), which, String(size)],
        { timeout: 300_000 },
      )
      runs.push(JSON.parse(stdout) as PeakMemory)
    }
    const [median] = runs.toSorted((a, b) => a.addMs - b.addMs).slice(runs.length >> 1)
    const largestBytes = runs.every(({ addBytes }) => addBytes !== undefined)
      ? Math.max(...runs.map((run) => run.addBytes ?? 0))
      : undefined
    if (which === "hybrid") {
      figures.set("add/us", median && median.addMs * 1000)
      figures.set("add/bytes", largestBytes)
    }
    rows.push([name, `${Math.round(median?.addMs ?? 0)} ms`, formatBytes(largestBytes)])
  }
  return { caption: `Adding ${size - 1} members in one commit`, columns: ["", "time, median", "peak memory, largest of all runs"], rows }
}

async function browserTables(
  options: BenchOptions,
  figures: Figures,
): Promise<{ readonly tables: readonly Table[]; readonly notes: readonly string[] }> {
  options.progress("in Chromium")
  const requests = (options.tiny ? [2] : [2, 256]).map((size) => ({ size, count: options.tiny ? 2 : 60, maxMs: options.tiny ? 300 : 4000 }))
  const found = await runInChromium(requests)
  if (found === undefined) return { tables: [], notes: ["No Chromium was at hand for the browser's figures."] }
  const tables = requests.map(({ size }): Table => {
    const answer = found.answers.get(size) ?? {}
    const names = Object.keys(answer.encrypt ?? {})
    for (const [operation] of operations) {
      for (const [name, { medianUs }] of Object.entries(answer[operation] ?? {}))
        figures.set(`browser/${size}/${operation}/${role(name)}`, medianUs)
    }
    const rows = operations.map(([operation, title]) => [title, ...names.map((name) => formatTiming(timingIn(answer[operation], name)))])
    return { caption: `${size} members, Chromium ${found.version}`, columns: ["", ...names], rows }
  })
  return { tables, notes: [] }
}

function timingIn(results: Readonly<Record<string, Timing>> | undefined, name: string): Timing | undefined {
  return results?.[name]
}
