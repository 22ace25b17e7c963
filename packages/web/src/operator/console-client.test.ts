import assert from "node:assert/strict"
import { test } from "node:test"
import { encodeMessage } from "@nodoor/wire"
import { operatorInviteRevoke, operatorPersonInvite, operatorSignInOptions } from "@nodoor/wire/operator"
import { HostError } from "../host/host.ts"
import { createConsoleClient, faultSentence } from "./console-client.ts"

type Sent = { readonly path: string; readonly init: RequestInit }

function world(answer: () => Response | Promise<Response>) {
  const sent: Sent[] = []
  const refused: string[] = []
  let used = 0
  const client = createConsoleClient({
    fetch: async (path, init) => {
      sent.push({ path, init })
      return answer()
    },
    token: () => "t0ken",
    onUnauthorized: (token) => refused.push(token),
    onUse: () => used++,
  })
  return { client, sent, refused, used: () => used }
}
const bytes = (message: object, status = 200): Response => new Response(encodeMessage(message) as Uint8Array<ArrayBuffer>, { status })
const fails = (run: Promise<unknown>, code: string, message: RegExp): Promise<void> =>
  assert.rejects(run, (error) => error instanceof HostError && error.code === code && message.test(error.message))

test("the token goes with what a person does, and with nothing that comes before the sign-in", async () => {
  const { client, sent, used } = world(() => bytes({}))
  await client.call(operatorInviteRevoke, { id: "00112233aabbccdd" })
  assert.deepEqual(sent[0]?.init.headers, { "Content-Type": "application/cbor", Authorization: "Bearer t0ken" })
  assert.equal(sent[0]?.init.credentials, "omit")
  assert.equal(used(), 1)
  const before = world(() => bytes({ options: "{}" }))
  assert.deepEqual(await before.client.call(operatorSignInOptions, {}), { options: "{}" })
  assert.deepEqual(before.sent[0]?.init.headers, { "Content-Type": "application/cbor" })
  assert.equal(before.used(), 0)
})

test("a token that the server does not know ends the session that it came from", async () => {
  const { client, refused, used } = world(() => bytes({ code: "unauthorized", message: "unauthorized" }, 401))
  await fails(client.call(operatorInviteRevoke, { id: "00112233aabbccdd" }), "unauthorized", /no longer signed in/)
  assert.deepEqual([refused, used()], [["t0ken"], 0])
})

test("what the desk refuses is said in its own words", async () => {
  const { client } = world(() =>
    bytes(
      { code: "operator_refused", message: "The last owner can't be removed or get another role. Make somebody else an owner first." },
      403,
    ),
  )
  await fails(client.call(operatorInviteRevoke, { id: "00112233aabbccdd" }), "operator_refused", /^The last owner can't be removed/)
})

test("no answer, an answer of something in between, and one of another version are told apart from a refusal", async () => {
  const request = { id: "00112233aabbccdd" }
  await fails(world(() => Promise.reject(new TypeError("net"))).client.call(operatorInviteRevoke, request), "offline", /didn’t answer/)
  await fails(
    world(() => new Response("<html>Bad Gateway", { status: 502 })).client.call(operatorInviteRevoke, request),
    "unexpected",
    /isn’t from this server/,
  )
  await fails(world(() => bytes({ more: 1 })).client.call(operatorInviteRevoke, request), "unexpected", /isn’t from this server/)
})

test("a request that is larger than its route accepts is not sent", async () => {
  const { client, sent } = world(() => bytes({}))
  await fails(client.call(operatorPersonInvite, { name: "Ines", role: "owner", proof: "x".repeat(70_000) }), "too_large", /more than/)
  assert.equal(sent.length, 0)
})

test("a fault without words of its own is still a sentence, and says how long to wait", () => {
  assert.equal(faultSentence({ code: "rate_limited", message: "rate_limited", retryAfterMs: 61_200 }), "Too many tries. Try again in 62 s.")
  assert.match(faultSentence({ code: "unavailable", message: "unavailable" }), /Nothing was done/)
  assert.equal(faultSentence({ code: "handle_taken", message: "handle_taken" }), "The server refused: handle taken.")
})
