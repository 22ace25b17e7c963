// The key log: its routes, its static files below `/kt/`, and the erasure of what it keeps of deleted accounts.

import { logFilesPath } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"
import type { AccountService } from "../accounts/account-service.ts"
import { type Page, nothingHere } from "../http/page.ts"
import { everyFile, publicFile } from "../http/security-headers.ts"
import { logRoutes } from "../keylog/log-routes.ts"
import type { LogService } from "../keylog/log-service.ts"
import { createAtOnce } from "../route/at-once.ts"
import type { Service } from "./service.ts"

const sweepEveryMs = 10 * 60_000
const tracesEveryMs = 60 * 60_000
/** Files of the log that one address may have read at once. They share a queue with people's devices; an auditor's program needs fewer. */
const filesAtOnce = 64

export function keyLogService(keyLog: LogService, { rateLimit, appendState }: Pick<AccountService, "rateLimit" | "appendState">): Service {
  return {
    routes: logRoutes({ keyLog, rateLimit, appendState }),
    pages: [logFiles(keyLog)],
    sweeps: [
      { everyMs: sweepEveryMs, atStart: false, failed: "sweep_failed", run: () => keyLog.sweep() },
      { everyMs: tracesEveryMs, atStart: true, failed: "traces_left", run: () => keyLog.eraseTraces() },
    ],
  }
}

/** The static files of the log. */
export function logFiles(keyLog: Pick<LogService, "file">): Page {
  const beginFor = createAtOnce(filesAtOnce)
  return {
    paths: [`${logFilesPath}*`],
    answer: async (request) => {
      const end = beginFor(callerOf(request.address()))
      const file = await keyLog.file(request.path.slice(logFilesPath.length)).finally(end)
      if (file === undefined) return nothingHere(publicFile)
      const headers = {
        ...everyFile,
        ...publicFile,
        "Content-Type": file.text ? "text/plain; charset=utf-8" : "application/octet-stream",
        "Cache-Control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
      }
      return new Response(file.bytes as Uint8Array<ArrayBuffer>, { status: 200, headers })
    },
  }
}
