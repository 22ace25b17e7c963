// Archives: how fast a backup is written, checked and taken in, how large a message is in one, and how much memory a million records take.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  type RecordOf,
  type StoreParts,
  account,
  collected,
  emptyStore,
  filledStore,
  given,
  idOf,
  importArchive,
  key,
  makeHeader,
  sealRecords,
  sourceOf,
  verifyArchive,
  writeArchive,
} from "@nodoor/client/archive-fixtures"
import { openDatabase } from "@nodoor/client/node"
import type { CryptoProvider } from "@nodoor/mls"
import { browserProvider } from "@nodoor/mls/browser"
import { nodeProvider } from "@nodoor/mls/node"
import type { BenchOptions, Section } from "./section.ts"

const recovery = { kind: "recovery", seed: idOf("recovery") } as const

export async function run({ tiny, progress }: BenchOptions): Promise<Section> {
  const messages = tiny ? 200 : 50_000
  const chats = tiny ? 4 : 200
  const folder = mkdtempSync(join(tmpdir(), "nodoor-archive-"))
  try {
    let stores = 0
    const open = () => openDatabase({ path: join(folder, `${stores++}.db`), key: idOf("store") })
    progress(`${messages} messages in ${chats} chats`)
    const old = await filledStore({ messages, chats, open })
    const rows: string[][] = []
    for (const [name, crypto] of [
      ["Node", nodeProvider],
      ["the browser's cryptography, in Node", await browserProvider()],
    ] as const) {
      progress(name)
      rows.push([name, ...(await measured({ ...old, crypto }, { crypto, open, messages }))])
    }
    await old.database.close()
    return {
      title: "Archives",
      tables: [
        {
          caption: `${messages.toLocaleString("en")} messages of some 60 characters in ${chats} chats, a tenth of them with the keys of media, from one encrypted store on disk into another`,
          columns: ["", "bytes per message", "write", "check", "first chats shown", "take in", "write and take in"],
          rows,
        },
        {
          caption: "An archive of many records, checked as it comes",
          columns: ["records", "size", "time", "memory at most above the start"],
          rows: [await manyRecords(tiny ? 10_000 : 1_000_000, progress)],
        },
      ],
      notes: [
        "Each once; the store is a file on the machine's disk, with full durability. Linking adds the way over the network and the joins of the groups, which go on meanwhile. `First chats shown`: from the beginning of the import to the transaction after which every chat of the archive is in the list.",
      ],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measured(
  store: StoreParts,
  {
    crypto,
    open,
    messages,
  }: { readonly crypto: CryptoProvider; readonly open: () => Promise<StoreParts["database"]>; readonly messages: number },
): Promise<readonly string[]> {
  const startMs = performance.now()
  const { bytes } = await writeArchive(store, { for: "backup", recoverySeed: recovery.seed })
  const archive = await collected(bytes)
  const writtenMs = performance.now()
  await verifyArchive(crypto, sourceOf(archive, 65_536), recovery)
  const checkedMs = performance.now()
  const fresh = await emptyStore({ open })
  const beginMs = performance.now()
  let chatsMs = beginMs
  const chatsAreHere = (): void => void (chatsMs = performance.now())
  await importArchive({ ...fresh, crypto, sync: async () => undefined, chatsAreHere }, { source: sourceOf(archive, 65_536), key: recovery })
  const doneMs = performance.now()
  await fresh.database.close()
  const rate = (ms: number): string => `${(ms / 1_000).toFixed(1)} s (${(archive.length / 1e6 / (ms / 1_000)).toFixed(1)} MB/s)`
  return [
    (archive.length / messages).toFixed(0),
    rate(writtenMs - startMs),
    rate(checkedMs - writtenMs),
    `${(chatsMs - beginMs).toFixed(0)} ms`,
    rate(doneMs - beginMs),
    `${((writtenMs - startMs + doneMs - beginMs) / 1_000).toFixed(1)} s`,
  ]
}

/** Made as it is read, so that it is nowhere as a whole. */
async function manyRecords(count: number, progress: (line: string) => void): Promise<readonly string[]> {
  progress(`${count} records`)
  const header = makeHeader(nodeProvider, { archiveId: idOf("many", 16), key, recoverySeed: undefined })
  let size = 0
  async function* records(): AsyncGenerator<RecordOf<"account"> | RecordOf<"handle">> {
    yield account
    for (let n = 0; n < count; n++)
      yield { type: "handle", accountId: account.accountId, handle: `person${n}`, version: n, binding: account.accountId }
  }
  const startBytes = process.memoryUsage().rss
  let most = 0
  let seen = 0
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const piece of sealRecords(nodeProvider, header, records())) {
      size += piece.length
      if (++seen % 50 === 0) most = Math.max(most, process.memoryUsage().rss - startBytes)
      yield piece
    }
  }
  const startMs = performance.now()
  const source = {
    async *read(from: number): AsyncGenerator<Uint8Array> {
      if (from === 0) return yield header.bytes
      let left = header.bytes.length
      for await (const piece of bytes()) {
        const begin = Math.min(left, piece.length)
        left -= begin
        if (begin < piece.length) yield piece.subarray(begin)
      }
    },
  }
  const { records: read } = await verifyArchive(nodeProvider, source, given)
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1)
  return [
    read.toLocaleString("en"),
    `${(size / 1e6).toFixed(0)} MB`,
    `${seconds} s, with making it`,
    `${Math.max(0, Math.round(most / 2 ** 20))} MiB`,
  ]
}
