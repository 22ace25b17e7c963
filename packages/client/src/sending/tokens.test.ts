import assert from "node:assert/strict"
import { constants, createHash, createPublicKey, generateKeyPairSync, privateDecrypt, randomBytes, verify } from "node:crypto"
import { test } from "node:test"
import { equal, toHex } from "@nodoor/bytes"
import { type TokenKey, WireError, decodeToken, decodeTokenKey, drawTokens, encodeTokenKey, tokenChallenge, tokenInput } from "@nodoor/wire"
import { ClientError, NetworkError } from "../core/client-error.ts"
import { fakeJobs } from "../core/fixtures/fake-jobs.ts"
import { Transactions } from "../core/transaction.ts"
import { blindSignatures } from "../platform/blind-signatures.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { migrate } from "../store/schema.ts"
import { acknowledgeAlarm, raiseAlarm } from "../store/trust/alarms.ts"
import { quickTokens } from "../platform/fixtures/quick-tokens.ts"
import { Tokens } from "./tokens.ts"

const dayMs = 86_400_000
const startMs = 21_000 * dayMs + 3_600_000
const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest())
const random = (sizeBytes: number): Uint8Array => new Uint8Array(randomBytes(sizeBytes))

interface Signer {
  readonly key: Uint8Array
  sign(blinded: Uint8Array): Uint8Array
}

function signer(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url"))
  return {
    key: encodeTokenKey(modulus),
    sign: (blinded) => new Uint8Array(privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, blinded)),
  }
}
const [honest, other] = [signer(), signer()]

/** A device's tokens, and a server that signs each device's one batch a day. */
async function world({ signs = honest }: { readonly signs?: Signer } = {}) {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const drawn: { readonly epoch: number; readonly blinded: readonly Uint8Array[] }[] = []
  const state = { nowMs: startMs, lost: 0, refuses: undefined as WireError | undefined, keys: [] as TokenKey[], day: -1 }
  const session = {
    get serverNowMs() {
      return state.nowMs
    },
    call: async (route: unknown, request: { readonly epoch: number; readonly blinded: readonly Uint8Array[] }) => {
      assert.equal(route, drawTokens)
      drawn.push(request)
      if (state.refuses) throw state.refuses
      const today = Math.floor(state.nowMs / dayMs)
      const isSame =
        drawn
          .at(-2)
          ?.blinded.map((one) => toHex(one))
          .join() === request.blinded.map((one) => toHex(one)).join()
      if (state.day === today && !isSame) throw new WireError("rate_limited")
      state.day = today
      if (state.lost-- > 0) throw new NetworkError("lost", { maybeDone: true })
      return { signatures: request.blinded.map((one) => signs.sign(one)) }
    },
  }
  const parts = {
    own: { origin: "chat.example" },
    session: session as never,
    transactions,
    random,
    clock: { nowMs: () => state.nowMs },
    timers: { after: (_: number, callback: () => void) => (setImmediate(callback), () => undefined) },
    crypto: { sha256 },
    blindSignatures: quickTokens(random),
    tokenKeys: async () => {
      const epoch = Math.floor(state.nowMs / (3 * dayMs))
      return state.keys.length > 0 ? state.keys : [{ epoch, key: honest.key }]
    },
  }
  const open = (): { readonly tokens: Tokens; readonly jobs: ReturnType<typeof fakeJobs> } => {
    const jobs = fakeJobs()
    return { tokens: new Tokens({ ...parts, jobs: jobs.jobs }), jobs }
  }
  const left = async (): Promise<number> =>
    Number((await database.read("SELECT COUNT(*) AS n FROM token WHERE token IS NOT NULL"))[0]?.["n"])
  return { database, transactions, open, drawn, state, left }
}

function holds(token: Uint8Array, use: "claim" | "pass"): boolean {
  const { nonce, challengeDigest, keyId, authenticator } = decodeToken(token)
  const publicKey = createPublicKey({ key: Buffer.from(honest.key), format: "der", type: "spki" })
  return (
    equal(challengeDigest, sha256(tokenChallenge("chat.example", use))) &&
    equal(keyId, sha256(honest.key)) &&
    verify("sha384", tokenInput({ nonce, challengeDigest, keyId }), { key: publicKey, saltLength: 48 }, authenticator)
  )
}

test("while the alarm about another key for tokens stands no token is shown; afterwards it is", async () => {
  const { open, left, transactions } = await world()
  const { tokens } = open()
  await tokens.take("claim")
  const before = await left()
  const alarm = { level: "red", code: "token_key_differs", text: "another key", atMs: startMs } as const
  const id = await transactions.run(async (tx) => raiseAlarm(tx, random, alarm))
  await assert.rejects(tokens.take("claim"), (error) => error instanceof ClientError && error.code === "log_untrusted")
  assert.equal(await left(), before)
  await transactions.run(async (tx) => acknowledgeAlarm(tx, id, startMs))
  await tokens.take("claim")
})

test("A blind signature of the library holds for the message, and neither message nor signature is what the signer saw", async () => {
  const message = random(98)
  const { blinded, inverse } = await blindSignatures.blind(honest.key, message)
  const again = await blindSignatures.blind(honest.key, message)
  assert.ok(!equal(blinded, again.blinded))
  const signature = honest.sign(blinded)
  const authenticator = await blindSignatures.finalize(honest.key, message, { signature, inverse })
  const publicKey = createPublicKey({ key: Buffer.from(honest.key), format: "der", type: "spki" })
  assert.ok(authenticator && verify("sha384", message, { key: publicKey, saltLength: 48 }, authenticator))
  assert.ok(!equal(authenticator, signature))
  const wrong = [
    // The other key's modulus may be the smaller one.
    { signature: other.sign(Uint8Array.of(0, ...blinded.subarray(1))), inverse },
    { signature, inverse: again.inverse },
    { signature: signature.slice(1), inverse },
  ]
  for (const one of wrong) assert.equal(await blindSignatures.finalize(honest.key, message, one), undefined)
})

test("A token key has one form", () => {
  const modulus = decodeTokenKey(honest.key)
  assert.deepEqual(encodeTokenKey(modulus), honest.key)
  const modulusAt = honest.key.length - 256 - 5
  for (const [at, flip] of [
    [0, 1],
    [20, 1],
    [modulusAt - 1, 1],
    [modulusAt, 0x80],
    [honest.key.length - 1, 2],
  ] as const)
    assert.throws(() => decodeTokenKey(honest.key.with(at, (honest.key[at] ?? 0) ^ flip)), { code: "invalid_value" })
  for (const key of [honest.key.slice(1), honest.key.slice(0, -1), new Uint8Array()]) assert.throws(() => decodeTokenKey(key))
})

test("64 are drawn in one batch, 16 for passes and 48 for claims; each is good, is used once, and no two are alike", async () => {
  const { open, drawn, left } = await world()
  const { tokens } = open()
  const seen = new Set<string>()
  for (const [use, count] of [
    ["pass", 16],
    ["claim", 48],
  ] as const)
    for (let nth = 0; nth < count; nth++) {
      const token = await tokens.take(use)
      assert.ok(holds(token, use))
      seen.add(toHex(token))
    }
  assert.deepEqual([seen.size, drawn.length, drawn[0]?.blinded.length, await left()], [64, 1, 64, 0])
})

test("When none are left nothing is drawn again that day, and it says when there will be more; then there are", async () => {
  const { open, drawn, state } = await world()
  const { tokens } = open()
  for (let nth = 0; nth < 16; nth++) await tokens.take("pass")
  await assert.rejects(
    tokens.take("pass"),
    (error) => error instanceof ClientError && error.code === "no_tokens" && error.retryAfterMs === dayMs - 3_600_000,
  )
  assert.equal(drawn.length, 1)
  state.nowMs += dayMs - 3_600_000
  assert.ok(holds(await tokens.take("pass"), "pass"))
  assert.equal(drawn.length, 2)
})

test("A spent token is gone from the store before anybody has it", async () => {
  const { open, left } = await world()
  const { tokens } = open()
  const before = toHex(await tokens.take("claim"))
  assert.equal(await left(), 63)
  const reopened = open().tokens
  for (let nth = 0; nth < 47; nth++) assert.notEqual(toHex(await reopened.take("claim")), before)
})

test("Two who want one at the same time get two, of one draw", async () => {
  const { open, drawn } = await world()
  const { tokens } = open()
  const all = await Promise.all(Array.from({ length: 10 }, () => tokens.take("claim")))
  assert.equal(new Set(all.map((token) => toHex(token))).size, 10)
  assert.equal(drawn.length, 1)
})

test("A batch whose answer was lost is sent again as it was, also after a crash, and gives its tokens", async () => {
  const { open, drawn, state } = await world()
  state.lost = 1
  await assert.rejects(open().tokens.take("pass"), NetworkError)
  assert.ok(holds(await open().tokens.take("pass"), "pass"))
  assert.equal(drawn.length, 2)
  const [once, again] = drawn.map(({ blinded }) => blinded.map((one) => toHex(one)))
  assert.deepEqual(again, once)
})

test("A batch that the server will not sign any more is given up, and nothing is drawn again that day", async () => {
  const { open, drawn, state, left } = await world()
  state.refuses = new WireError("rate_limited")
  const { tokens } = open()
  for (let nth = 0; nth < 2; nth++) await assert.rejects(tokens.take("pass"), { code: "no_tokens" })
  assert.deepEqual([drawn.length, await left()], [1, 0])
})

test("Tokens are drawn every day whether they are used or not; those of a key epoch that is over are thrown away", async () => {
  const { open, drawn, state, left } = await world()
  const { tokens, jobs } = open()
  tokens.online()
  const counts: number[] = []
  for (let day = 0; day < 8; day++) {
    jobs.due.find(({ kind }) => kind === "tokens")?.run()
    for (let turn = 0; turn < 400; turn++) await new Promise((resolve) => setImmediate(resolve))
    await tokens.take("claim").catch(() => undefined)
    counts.push(await left())
    state.nowMs += dayMs
    tokens.online()
  }
  assert.equal(drawn.length, 8)
  // Days 0 to 2 are of one key epoch, 3 to 5 of the next, 6 and 7 of the one after: with it the first one's are over.
  assert.deepEqual(counts, [63, 126, 189, 252, 315, 378, 4 * 64 - 1, 5 * 64 - 2])
})

test("Tokens of a key epoch that is over are not spent", async () => {
  const { open, state } = await world()
  const { tokens } = open()
  const old = new Set<string>()
  old.add(toHex(await tokens.take("pass")))
  state.nowMs += 6 * dayMs
  state.refuses = new WireError("unavailable")
  await assert.rejects(tokens.take("pass"), { code: "unavailable" })
})

test("Signatures that do not hold under the key of the log give no tokens, and a warning says so", async () => {
  const { open, database, left } = await world({ signs: other })
  await assert.rejects(open().tokens.take("pass"), { code: "no_tokens" })
  assert.equal(await left(), 0)
  assert.deepEqual(
    (await database.read("SELECT level, code FROM alarm")).map((row) => [row["level"], row["code"]]),
    [["warn", "tokens_not_signed"]],
  )
})

test("Nothing is drawn while the log does not hold the present key; tokens in hand are used", async () => {
  const { open, drawn, state } = await world()
  const { tokens } = open()
  await tokens.take("pass")
  state.nowMs += dayMs
  state.keys = [{ epoch: 1, key: honest.key }]
  assert.ok(holds(await tokens.take("pass"), "pass"))
  for (let nth = 2; nth < 16; nth++) await tokens.take("pass")
  await assert.rejects(tokens.take("pass"), { code: "log_unavailable" })
  assert.equal(drawn.length, 1)
})

test("A suspended account draws nothing and is told so; what it holds stays", async () => {
  const { open, state, left } = await world()
  const { tokens } = open()
  await tokens.take("claim")
  state.nowMs += dayMs
  state.refuses = new WireError("account_suspended")
  assert.ok(holds(await tokens.take("pass"), "pass"))
  for (let nth = 1; nth < 16; nth++) await tokens.take("pass")
  await assert.rejects(tokens.take("pass"), (error) => error instanceof ClientError && error.code === "account_suspended")
  assert.equal(await left(), 47)
})
