// A server that is measured: a process on a core of its own, with a folder of its own.

import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { availableParallelism } from "node:os"
import type { Spoken } from "../load/generator.ts"

export interface Peer {
  readonly name: string
  /** Undefined: not found here. */
  readonly version: string | undefined
  /** Starts the server on the folder, which may hold what an earlier one left. */
  start(folder: string): Promise<Running>
}

export interface Running {
  readonly spoken: Spoken
  readonly pid: number
  /** SIGKILL: no goodbye, nothing flushed. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Whether server and generator can be kept apart. */
export const isPinned: boolean = availableParallelism() > 1 && existsSync("/usr/bin/taskset")
export const serverCore = 0
export const generatorCore = 1

/** Starts a program on the servers' core; what it prints is kept for when it does not come up. */
export function spawnPinned(
  core: number,
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly ipc?: boolean } = {},
): ChildProcess {
  const [program, ...rest] = isPinned ? ["taskset", "-c", String(core), command, ...args] : [command, ...args]
  const { ipc = false, ...others } = options
  return spawn(program as string, rest, {
    ...others,
    stdio: ["ignore", "ignore", ipc ? "inherit" : "ignore", ...(ipc ? ["ipc" as const] : [])],
  })
}

/** Starts a server and waits until it takes connections. */
export async function startServerOn(
  port: number,
  spoken: Spoken,
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Running> {
  const child = spawnPinned(serverCore, command, args, options)
  await listening(port, child, command)
  return running(child, spoken)
}

export function running(child: ChildProcess, spoken: Spoken): Running {
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, "exit")
    child.kill(signal)
    await exited
  }
  const stop = async (): Promise<void> => {
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000)
    await end("SIGTERM")
    clearTimeout(late)
  }
  return { spoken, pid: child.pid ?? 0, kill: () => end("SIGKILL"), stop }
}

async function listening(port: number, child: ChildProcess, command: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new TypeError(`${command} ended with ${child.exitCode}`)
    const socket = connect({ host: "127.0.0.1", port })
    const open = await new Promise<boolean>((resolve) => socket.once("connect", () => resolve(true)).once("error", () => resolve(false)))
    socket.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new TypeError(`${command} does not listen on ${port}`)
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The first line that a program says about itself, or undefined where it is not installed. */
export function versionOf(command: string, args: readonly string[], pattern: RegExp): string | undefined {
  try {
    const said = execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
    return pattern.exec(said)?.[1]
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string }
    return pattern.exec(`${stdout}${stderr}`)?.[1]
  }
}

/** Processor time that a process has used, in its own threads, microseconds. */
export function processorTimeUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? []
  const ticksPerSecond = 100
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticksPerSecond
}
