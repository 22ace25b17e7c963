// Nodoor's server, and the bare prototype that speaks the same frames.

import { once } from "node:events"
import { mkdirSync } from "node:fs"
import { resolve } from "node:path"
import { toBase64 } from "@nodoor/bytes"
import { callHttp, drawnTokens, signUp } from "@nodoor/server/fixtures"
import { tokenKeys } from "@nodoor/wire"
import { postPath, readPath } from "@nodoor/wire/delivery"
import { type Passes, buyPass } from "../load/streams.ts"
import { type Peer, type Running, running, serverCore, spawnPinned } from "./peer.ts"

const commit = "this commit"

export const nodoor: Peer = {
  name: "Nodoor",
  version: commit,
  start: async (folder) => {
    const { child, message } = await startProcess("../process.ts", folder)
    const { url, origin } = message as { readonly url: string; readonly origin: string }
    const port = Number(new URL(url).port)
    const passes = (passesOf.get(folder) ?? (await buyPasses(url, origin, port))) as { readonly read: string; readonly post: string }
    passesOf.set(folder, passes)
    return running(child, { protocol: "streams", port, ...passes })
  },
}

/** A pass is good for a day, also after the server was started again. */
const passesOf = new Map<string, { readonly read: string; readonly post: string }>()

export const bare: Peer = {
  name: "bare prototype, no checks",
  version: commit,
  start: async (folder): Promise<Running> => {
    const { child, message } = await startProcess("bare-process.ts", folder)
    const { port } = message as { readonly port: number }
    const none = toBase64(new Uint8Array(1))
    return running(child, { protocol: "streams", port, read: none, post: none, again: true })
  },
}

async function startProcess(script: string, folder: string) {
  mkdirSync(folder, { recursive: true })
  const child = spawnPinned(serverCore, process.execPath, ["--expose-gc", resolve(import.meta.dirname, script), folder], { ipc: true })
  const [message] = (await once(child, "message", { signal: AbortSignal.timeout(20_000) })) as [unknown]
  return { child, message }
}

async function buyPasses(url: string, origin: string, port: number): Promise<{ readonly read: string; readonly post: string }> {
  const { read, post } = await passesFor(url, origin, port)
  return { read: toBase64(read), post: toBase64(post) }
}

/** A pass for each kind of stream, bought with tokens as a device draws them. */
export async function passesFor(url: string, origin: string, port: number): Promise<Passes> {
  const caller = callHttp(url)
  try {
    const { token } = await signUp(caller, origin, "load")
    // A new server's keys are given out once they are in its log.
    for (let tries = 0; tries < 100 && (await caller.call(tokenKeys, {})).keys.length === 0; tries++)
      await new Promise((done) => setTimeout(done, 100))
    const [first, second] = (await drawnTokens(caller, token, { origin, use: "pass", count: 2 })) as [Uint8Array, Uint8Array]
    return { read: await buyPass(port, readPath, first), post: await buyPass(port, postPath, second) }
  } finally {
    caller.close()
  }
}
