// An error as plain data that can be sent to another thread. Its class and code arrive with it.

import { CodecError } from "@nodoor/bytes"
import { KeylogError, type KeylogErrorCode } from "@nodoor/keylog"
import { type ErrorCode, WireError } from "@nodoor/wire"
import { ServerError, type ServerErrorCode } from "./server-error.ts"

export interface Failure {
  readonly kind: "server" | "keylog" | "wire" | "codec" | "other"
  readonly code: string
  readonly message: string
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ServerError) return { kind: "server", code: error.code, message: error.message }
  if (error instanceof KeylogError) return { kind: "keylog", code: error.code, message: error.message.replace(`${error.code}: `, "") }
  if (error instanceof WireError) return { kind: "wire", code: error.code, message: error.message }
  if (error instanceof CodecError) return { kind: "codec", code: error.code, message: error.message }
  return { kind: "other", code: "", message: error instanceof Error ? `${error.name}: ${error.message}` : "unknown" }
}

export function errorOf({ kind, code, message }: Failure): Error {
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
