import assert from "node:assert/strict"
import { test } from "node:test"
import { nodeProvider } from "@nodoor/mls/node"
import { WireError, ownRecord, serverInfo, session as sessionRoute, sessionChallenge } from "@nodoor/wire"
import { NetworkError } from "./client-error.ts"
import type { OwnDevice } from "./own-device.ts"
import type { Network } from "./ports.ts"
import { Session } from "./session.ts"

/** A session with a server that says of so many challenges that they are used up, and then `after`. */
function withServer(expired: number, after: "token" | "unauthorized"): { readonly session: Session; readonly asked: () => number } {
  let asked = 0
  const network = {
    call: async (_url: string, route: { readonly path: string }) => {
      if (route.path !== sessionRoute.path) return { challenge: new Uint8Array(32) }
      if (++asked <= expired) throw new WireError("challenge_expired")
      if (after === "unauthorized") throw new WireError("unauthorized")
      return { token: new Uint8Array(32).fill(7), expiresAtMs: 3_600_000 }
    },
  } as unknown as Network
  const { privateKey } = nodeProvider.suite(1).signatureKeyPair(() => new Uint8Array(32))
  const own = { deviceId: new Uint8Array(16), origin: "example.org", serverUrl: "", signer: { privateKey } } as unknown as OwnDevice
  return { session: new Session({ network, clock: { nowMs: () => 0 }, crypto: nodeProvider }, own), asked: () => asked }
}

test("A challenge that is used up is taken for no refusal of the device: another one is signed, up to three", async () => {
  for (const expired of [0, 1, 2]) {
    const { session, asked } = withServer(expired, "token")
    assert.equal((await session.token())[0], 7)
    assert.equal(asked(), expired + 1)
  }
  const late = withServer(3, "token")
  await assert.rejects(late.session.token(), { code: "challenge_expired" })
  assert.equal(late.asked(), 3)
})

test("A device that the server does not know is refused at once", async () => {
  const { session, asked } = withServer(0, "unauthorized")
  await assert.rejects(session.token(), { code: "unauthorized" })
  assert.equal(asked(), 1)
})

test("A request without an answer is told of, because it speaks for a lost connection; a refusal is an answer", async () => {
  let error: Error = new NetworkError("no answer", { maybeDone: true })
  const network = { call: () => Promise.reject(error) } as unknown as Network
  let unanswered = 0
  const ports = { network, clock: { nowMs: () => 0 } } as unknown as ConstructorParameters<typeof Session>[0]
  const session = new Session(ports, { serverUrl: "" } as OwnDevice, { unanswered: () => void unanswered++ })
  await assert.rejects(session.call(serverInfo, {}), NetworkError)
  await assert.rejects(session.call(ownRecord, {}), NetworkError)
  assert.equal(unanswered, 2)
  error = new WireError("rate_limited")
  await assert.rejects(session.call(serverInfo, {}), WireError)
  assert.equal(unanswered, 2)
})

test("A server that no longer knows a session was started anew, and that is told of; one that keeps the device out says so instead", async () => {
  let known = false
  const network = {
    call: async (_url: string, { path }: { readonly path: string }, __: object, { token }: { readonly token?: Uint8Array } = {}) => {
      if (path === sessionChallenge.path) return { challenge: new Uint8Array(32) }
      if (path === sessionRoute.path) return { token: new Uint8Array(32), expiresAtMs: 3_600_000, timeMs: 0 }
      if (token && !known) {
        known = true
        throw new WireError("unauthorized")
      }
      return {}
    },
  } as unknown as Network
  const { privateKey } = nodeProvider.suite(1).signatureKeyPair(() => new Uint8Array(32))
  const own = { deviceId: new Uint8Array(16), origin: "example.org", serverUrl: "", signer: { privateKey } } as unknown as OwnDevice
  let forgotten = 0
  const session = new Session({ network, clock: { nowMs: () => 0 }, crypto: nodeProvider }, own, { forgotten: () => void forgotten++ })
  await session.call(ownRecord, {})
  assert.equal(forgotten, 1)
  await session.call(ownRecord, {})
  assert.equal(forgotten, 1)
})
