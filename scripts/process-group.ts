// A program in a process group of its own, so that at its limit it is ended with everything that it started.

import { spawn } from "node:child_process"

export interface Ended {
  /** Exit code; undefined if it was ended by a signal. */
  readonly code: number | undefined
  readonly out: string
  readonly errors: string
  readonly timedOut: boolean
}

/** Runs node. Its output is text; at `timeoutMs` the whole group gets SIGKILL, for a process that hangs may not hear anything else. */
export async function runNode(
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<Ended> {
  const child = spawn(process.execPath, args, { env: options.env, stdio: ["ignore", "pipe", "pipe"], detached: true })
  const stop = (): void => endGroup(child.pid)
  process.once("exit", stop)
  let [out, errors, timedOut] = ["", "", false]
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()))
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, options.timeoutMs)
  const code = await new Promise<number | null>((done) => child.on("close", done))
  clearTimeout(timer)
  process.off("exit", stop)
  return { code: code ?? undefined, out, errors, timedOut }
}

/** A group that is gone already is as good as ended. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error
  }
}
