// The keeper in a thread of its own: VRF proofs take milliseconds, and the database of the log waits for the disk.

import { Worker } from "node:worker_threads"
import { CodecError } from "@nodoor/bytes"
import { KeylogError, type KeylogErrorCode } from "@nodoor/keylog"
import { type ErrorCode, WireError } from "@nodoor/wire"
import type { Log } from "../../core/ports.ts"
import { ServerError, type ServerErrorCode } from "../../core/server-error.ts"
import type { KeeperOperations, LogBeginning } from "./log-keeper.ts"
import type { Keeper } from "../sequencer.ts"

export interface KeeperFiles {
  /** Folder of the keys. */
  readonly folder: string
  readonly databasePath: string
  readonly beginning: LogBeginning
}

export interface KeeperCall {
  readonly id: number
  readonly name: keyof KeeperOperations
  readonly input: unknown
}

/** An error as plain data. */
export interface Failure {
  readonly kind: "server" | "keylog" | "wire" | "codec" | "other"
  readonly code: string
  readonly message: string
}

export type FromKeeper =
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "refusal"; readonly id: number; readonly failure: Failure }

/** Calls that may wait; more are told to come back. */
const waitingMax = 2_000

const operationNames: readonly (keyof KeeperOperations)[] = [
  "status",
  "prepare",
  "build",
  "draft",
  "consistency",
  "publish",
  "audited",
  "enqueue",
  "search",
  "watchSet",
  "config",
  "inserted",
  "latestVersion",
  "ended",
  "eraseEnded",
  "eraseTraces",
  "file",
  "checkpoint",
]

/** @throws ServerError as opening the database and reading the keys */
export async function openKeeperThread(files: KeeperFiles, log: Log): Promise<{ readonly keeper: Keeper; close(): Promise<void> }> {
  const worker = new Worker(new URL("./keeper-worker.ts", import.meta.url), { workerData: files })
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject)
    worker.once("message", (message: FromKeeper) => {
      worker.off("error", reject)
      if (message.type === "failed") reject(errorOf(message.failure))
      else resolve()
    })
  })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>()
  let nextId = 1
  let lost = false
  worker.on("message", (message: FromKeeper) => {
    if (message.type !== "answer" && message.type !== "refusal") return
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.type === "answer") call?.resolve(message.value)
    else call?.reject(errorOf(message.failure))
  })
  const end = (): void => {
    if (!lost) log("error", "log_thread_lost")
    lost = true
    for (const { reject } of waiting.values()) reject(new WireError("unavailable"))
    waiting.clear()
  }
  worker.on("error", end)
  worker.on("exit", end)

  const send = (name: keyof KeeperOperations, input: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (lost || waiting.size >= waitingMax) return reject(new WireError("unavailable", "the log is busy", { retryAfterMs: 1000 }))
      const id = nextId++
      waiting.set(id, { resolve, reject })
      worker.postMessage({ id, name, input } satisfies KeeperCall)
    })
  return {
    keeper: Object.fromEntries(operationNames.map((name) => [name, (input: unknown) => send(name, input)])) as unknown as Keeper,
    close: async () => {
      lost = true
      const ended = new Promise((resolve) => worker.once("exit", resolve))
      worker.postMessage("close")
      await ended
    },
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ServerError) return { kind: "server", code: error.code, message: error.message }
  if (error instanceof KeylogError) return { kind: "keylog", code: error.code, message: error.message.replace(`${error.code}: `, "") }
  if (error instanceof WireError) return { kind: "wire", code: error.code, message: error.message }
  if (error instanceof CodecError) return { kind: "codec", code: error.code, message: error.message }
  return { kind: "other", code: "", message: error instanceof Error ? `${error.name}: ${error.message}` : "unknown" }
}

function errorOf({ kind, code, message }: Failure): Error {
  switch (kind) {
    case "server":
      return new ServerError(code as ServerErrorCode, message)
    case "keylog":
      return new KeylogError(code as KeylogErrorCode, message)
    case "wire":
      return new WireError(code as ErrorCode, message)
    case "codec":
      return new CodecError(code as CodecError["code"], message)
    case "other":
      return new WireError("unavailable", message, { retryAfterMs: 1000 })
  }
}
