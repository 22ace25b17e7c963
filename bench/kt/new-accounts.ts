// New accounts into the log: from the server's feed until they are under a published checkpoint, on a real file with its usual durability.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { formatLogEntry } from "@nodoor/keylog"
import { Sequencer, serverCrypto } from "@nodoor/server"
import { pause } from "../client/waiting.ts"
import { type OpenedKeeper, newAccount, openPlainKeeper, openThreadedKeeper } from "@nodoor/server/fixtures"

export interface NewAccounts {
  /** Accounts per second of each run: one thread without the platform's X25519, and as a server runs. */
  readonly plain: readonly number[]
  readonly threaded: readonly number[]
}

/** An account's first state and its handle, as the server stored them. */
type Row = Parameters<OpenedKeeper["keeper"]["prepare"]>[0]["rows"][number]

const origin = "bench.example"

export async function measureNewAccounts({ tiny, rounds }: { readonly tiny: boolean; readonly rounds: number }): Promise<NewAccounts> {
  const rows = accounts(tiny ? 80 : 8_000)
  const plain: number[] = []
  const threaded: number[] = []
  for (let round = 0; round < rounds; round++) {
    plain.push(await timeRun(openPlainKeeper, rows.slice(0, tiny ? 20 : 800)))
    threaded.push(await timeRun(openThreadedKeeper, rows))
  }
  return { plain, threaded }
}

async function timeRun(
  open: (files: Parameters<typeof openPlainKeeper>[0]) => OpenedKeeper | Promise<OpenedKeeper>,
  rows: readonly Row[],
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-bench-"))
  const policy = formatLogEntry({ kind: "policy", quorum: 0, faults: 0, audits: 0, witnesses: [], operators: [], auditors: [] })
  const beginning = { origin: `${origin}/kt/1`, resetDelayMs: 86_400_000, policy }
  const { keeper, close } = await open({ folder: join(folder, "keys"), databasePath: join(folder, "log.sqlite"), beginning })
  try {
    let shown = 0
    const store = {
      accountFeed: async ({ after, max }: { readonly after: number; readonly max: number }) => ({
        rows: rows.slice(after, Math.min(after + max, shown)),
        newest: shown,
        tokenKeys: [],
      }),
    }
    const network = { get: unreachable, post: unreachable }
    const clock = { nowMs: () => Date.now() }
    const sequencer = new Sequencer(
      { crypto: serverCrypto, keeper, store, network, clock, log: () => {}, delay: pause },
      { origin: `${origin}/kt/1`, epochMs: 1_000, witnesses: [], auditors: [] },
    )
    const logged = async (count: number): Promise<void> => {
      for (shown = count; ;) {
        const { waitMs } = await sequencer.step()
        const { feedPosition, size, publishedSize } = await keeper.status({})
        if (feedPosition === count && size === publishedSize) return
        await pause(waitMs)
      }
    }
    // The first epoch, and the first batch, which starts the threads.
    const warm = Math.floor(rows.length / 8)
    await logged(0)
    await logged(warm)
    await pause(1_000)
    const startMs = performance.now()
    await logged(rows.length)
    return ((rows.length - warm) * 1_000) / (performance.now() - startMs)
  } finally {
    await close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function accounts(count: number): Row[] {
  return Array.from({ length: count }, (_, at) => {
    const { account, request } = newAccount(origin, `user.${at}`)
    const handle = { name: `user.${at}`, binding: request.handleBinding }
    return { order: at + 1, accountId: account.accountId, version: 0, state: request.genesis, handle }
  })
}

async function unreachable(): Promise<never> {
  throw new TypeError("this log has no witnesses")
}
