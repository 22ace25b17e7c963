// SIGKILL under load: every post that was answered must be in the receiver's mailbox afterwards, once, in order, without a gap.

import { callHttp, postRequest, random, signIn } from "@nodoor/server/fixtures"
import { encodeMessage, post, readMailbox } from "@nodoor/wire"
import { type Pair, makePairs } from "./delivery.ts"
import { openRaw, requestBytes } from "./raw-http.ts"
import { type ServerProcess, startServerProcess } from "./server-process.ts"

export interface CrashFigures {
  readonly kills: number
  readonly acknowledged: number
  readonly lost: number
  /** Stored more than once, or in a place that leaves a gap. */
  readonly misplaced: number
}

export async function measureCrashes(
  dataDir: string,
  {
    kills,
    pairCount,
    lanes,
    loadMs,
  }: { readonly kills: number; readonly pairCount: number; readonly lanes: number; readonly loadMs: number },
): Promise<CrashFigures> {
  let server = await startServerProcess(dataDir)
  try {
    const pairs = await makePairs(server, pairCount)
    const cursors = pairs.map(() => 0)
    let [acknowledged, lost, misplaced] = [0, 0, 0]
    for (let kill = 0; kill < kills; kill++) {
      const answered = await loadAndKill(server, pairs, { lanes, loadMs: loadMs * (0.5 + (kill % 5) / 5) })
      server = await startServerProcess(dataDir)
      for (const [at, pair] of pairs.entries()) {
        const { bodies, head, gaps } = await readAll(server, pair, cursors[at] as number)
        cursors[at] = head
        const stored = new Map<string, number>()
        for (const body of bodies) stored.set(body, (stored.get(body) ?? 0) + 1)
        const mine = answered[at] as string[]
        acknowledged += mine.length
        lost += mine.filter((name) => !stored.has(name)).length
        misplaced += gaps + [...stored.values()].filter((count) => count > 1).length
      }
    }
    return { kills, acknowledged, lost, misplaced }
  } finally {
    await server.stop()
  }
}

/** Bodies whose post was answered with 200, for each pair. */
async function loadAndKill(
  server: ServerProcess,
  pairs: readonly Pair[],
  { lanes, loadMs }: { readonly lanes: number; readonly loadMs: number },
): Promise<readonly (readonly string[])[]> {
  const answered = pairs.map(() => [] as string[])
  let over = false
  const running = pairs.flatMap(({ group }, at) =>
    Array.from({ length: lanes }, async () => {
      const connection = await openRaw(server.url)
      while (!over) {
        const body = random(256)
        const status = await connection.post(requestBytes(post.path, encodeMessage(postRequest(group, body)))).catch(() => 0)
        if (status === 200) answered[at]?.push(Buffer.from(body).toString("hex"))
        else if (status === 0) return connection.close()
      }
      connection.close()
    }),
  )
  await new Promise((resolve) => setTimeout(resolve, loadMs))
  await server.kill()
  over = true
  await Promise.all(running)
  return answered
}

async function readAll(
  server: ServerProcess,
  { devices: [, bob] }: Pair,
  from: number,
): Promise<{ bodies: string[]; head: number; gaps: number }> {
  const caller = callHttp(server.url)
  try {
    const token = await signIn(caller, server.origin, bob.device)
    const bodies: string[] = []
    let [cursor, gaps] = [from, 0]
    for (;;) {
      const { records, head } = await caller.call(readMailbox, { after: cursor, max: 500 }, token)
      for (const record of records) {
        if (record.seq !== cursor + 1) gaps++
        cursor = record.seq
        if (record.kind === "post") bodies.push(Buffer.from(record.body).toString("hex"))
      }
      if (cursor === head) return { bodies, head, gaps }
    }
  } finally {
    caller.close()
  }
}
