import assert from "node:assert/strict"
import { test } from "node:test"
import { WireError, ownRecord, serverInfo } from "@nodoor/wire"
import { NetworkError } from "./client-error.ts"
import type { OwnDevice } from "./own-device.ts"
import type { Network } from "./ports.ts"
import { Session } from "./session.ts"

test("A request without an answer is told of, because it speaks for a lost connection; a refusal is an answer", async () => {
  let error: Error = new NetworkError("no answer", { maybeDone: true })
  const network = { call: () => Promise.reject(error) } as unknown as Network
  let unanswered = 0
  const ports = { network, clock: { nowMs: () => 0 } } as unknown as ConstructorParameters<typeof Session>[0]
  const session = new Session(ports, { serverUrl: "" } as OwnDevice, () => void unanswered++)
  await assert.rejects(session.call(serverInfo, {}), NetworkError)
  await assert.rejects(session.call(ownRecord, {}), NetworkError)
  assert.equal(unanswered, 2)
  error = new WireError("rate_limited")
  await assert.rejects(session.call(serverInfo, {}), WireError)
  assert.equal(unanswered, 2)
})
