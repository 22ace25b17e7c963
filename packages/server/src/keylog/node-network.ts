// The network for the log: small requests to witnesses and auditors, none of which waits long.

import { maxNoteBytes } from "@nodoor/keylog"
import { ServerError } from "../core/server-error.ts"
import type { LogNetwork, NetworkAnswer } from "./witness-client.ts"

const timeoutMs = 5_000

export function nodeNetwork(): LogNetwork {
  return {
    post: (url, body) =>
      ask(url, { method: "POST", body: body as Uint8Array<ArrayBuffer>, headers: { "Content-Type": "application/octet-stream" } }),
    get: (url) => ask(url, {}),
  }
}

async function ask(url: string, init: RequestInit): Promise<NetworkAnswer> {
  const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(timeoutMs) })
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length
    if (sizeBytes > maxNoteBytes) throw new ServerError("log_refused", "the answer is longer than a note")
    chunks.push(chunk)
  }
  return { status: response.status, body: new Uint8Array(Buffer.concat(chunks)) }
}
