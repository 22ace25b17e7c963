import { strict as assert } from "node:assert"
import { test } from "node:test"
import { CodecError, toHex, toUtf8 } from "@nodoor/bytes"
import * as mls from "../../src/index.ts"
import { MlsError } from "../../src/codec/mls-error.ts"
import type { CipherSuiteId, CryptoProvider } from "../../src/provider/provider.ts"
import { Device, fingerprint, welcomeOf } from "./testing/device.ts"
import { mutate } from "./testing/mutation.ts"
import { firstSeed, seededChoices } from "./testing/seeded.ts"
import { weakened } from "./testing/weak-provider.ts"

const long = process.env["NODOOR_LONG"] === "1"
const seed = firstSeed()
/** One hostile input of a few kilobytes may cost at most this, generously: the machine may be busy. */
const maxMs = 1000

interface Corpus {
  readonly receiver: Device
  /** Somebody who has not joined yet, and the Welcome for it. */
  readonly joiner: Device
  readonly welcome: Uint8Array
  readonly messages: readonly Uint8Array[]
  readonly keyPackage: Uint8Array
  readonly stagedCommit: Uint8Array
}

/** One real message of each kind, all of which `receiver` or `joiner` could process next. */
function corpus(name: string, suite: CipherSuiteId, wrap?: (provider: CryptoProvider) => CryptoProvider): Corpus {
  const options = wrap === undefined ? { suite } : { suite, wrap }
  const [a, b, c, d, joiner, outsider] = ["a", "b", "c", "d", "joiner", "outsider"].map(
    (one) => new Device(one, `${seed}/${name}`, options),
  )
  assert.ok(a && b && c && d && joiner && outsider)
  a.create("group")
  const first = a.commit([b, c, d].map((device) => ({ type: "add", keyPackage: device.newKeyPackage() })))
  a.apply(first.staged)
  for (const device of [b, c, d]) device.join(welcomeOf(suite, first))
  // Two late messages, so that keys have been passed over.
  const skipped = a.send(toUtf8("skipped"))
  b.receive(a.send(toUtf8("heard")))
  const application = a.send(toUtf8("application"))
  const heard = [
    { from: c, message: c.propose({ type: "update" }) },
    { from: a, message: a.propose({ type: "remove", leafIndex: d.leafIndex }) },
    { from: a, message: a.propose({ type: "add", keyPackage: outsider.newKeyPackage() }) },
  ]
  for (const { from, message } of heard) for (const device of [a, b]) if (device !== from) device.receive(message)
  const update = d.propose({ type: "update" })
  const remove = c.propose({ type: "remove", leafIndex: d.leafIndex })
  const byValue = a.commit([{ type: "add", keyPackage: joiner.newKeyPackage() }], { byReference: false })
  const byReference = a.commit([])
  assert.equal(byReference.staged.proposals.length, heard.length)
  const mine = b.commit([{ type: "remove", leafIndex: d.leafIndex }], { byReference: false })
  return {
    receiver: b,
    joiner,
    welcome: welcomeOf(suite, byValue),
    messages: [skipped, application, update, remove, byValue.message, byReference.message],
    keyPackage: joiner.keyPackages[0]?.message ?? assert.fail(),
    stagedCommit: mls.encodeStaged(mine.staged),
  }
}

/** Runs one attempt: it may succeed or throw a coded error, soon; nothing else. */
function attempt(what: string, input: Uint8Array, run: () => unknown): "accepted" | "refused" {
  const startMs = performance.now()
  try {
    run()
    return "accepted"
  } catch (error) {
    if (error instanceof MlsError || error instanceof CodecError) return "refused"
    throw new assert.AssertionError({
      message: `NODOOR_SEED=${seed}: ${what} answers ${toHex(input).slice(0, 4000)} with ${error instanceof Error ? error.stack : String(error)}`,
    })
  } finally {
    assert.ok(performance.now() - startMs < maxMs, `NODOOR_SEED=${seed}: ${what} took too long for ${toHex(input).slice(0, 4000)}`)
  }
}

function fuzz(name: string, from: Corpus, count: number): { readonly accepted: number } {
  const choose = seededChoices(`${seed}/${name}`)
  const { receiver, joiner } = from
  const everything = [...from.messages, from.welcome, from.keyPackage, from.stagedCommit]
  const secret = joiner.keyPackages[0]?.secret ?? assert.fail()
  const before = fingerprint(mls.records(receiver.state))
  let accepted = 0
  const count1 = (outcome: "accepted" | "refused"): void => {
    if (outcome === "accepted") accepted++
  }
  for (let i = 0; i < count; i++) {
    const message = mutate(from.messages[choose(from.messages.length)] ?? assert.fail(), everything, choose)
    attempt("peek", message, () => mls.peek(message))
    count1(
      attempt("process", message, () => {
        const processed = mls.process(receiver.env, receiver.state, message)
        if (processed.kind === "commit") mls.applyCommit(receiver.env, processed.change.state, processed.staged)
      }),
    )
    const welcome = mutate(from.welcome, everything, choose)
    attempt("welcomeRefs", welcome, () => mls.welcomeRefs(welcome))
    count1(
      attempt("openWelcome", welcome, () =>
        mls.join(joiner.env, mls.openWelcome(joiner.env, { welcome, keyPackageSecret: secret, signer: joiner.signer })),
      ),
    )
    const keyPackage = mutate(from.keyPackage, everything, choose)
    count1(attempt("parseKeyPackage", keyPackage, () => mls.parseKeyPackage(joiner.env, keyPackage)))
    const staged = mutate(from.stagedCommit, everything, choose)
    attempt("decodeStaged", staged, () => mls.decodeStaged(receiver.env, receiver.state, staged))
    const brokenSecret = mutate(secret, everything, choose)
    attempt("openWelcome with a broken secret", brokenSecret, () =>
      mls.openWelcome(joiner.env, { welcome: from.welcome, keyPackageSecret: brokenSecret, signer: joiner.signer }),
    )
    attempt("loadGroup", new Uint8Array(0), () => mls.loadGroup(receiver.env, brokenRecords(receiver, choose(1 << 30))))
  }
  assert.equal(fingerprint(mls.records(receiver.state)), before, "no attempt has changed the state")
  for (const message of from.messages)
    assert.equal(
      attempt("process", message, () => receiver.process(message)),
      "accepted",
    )
  return { accepted }
}

/** What is on disk, with one record changed, lost or renamed. */
function brokenRecords(device: Device, which: number): { readonly key: string; readonly value: Uint8Array }[] {
  const choose = seededChoices(`${seed}/records/${which}`)
  const records = [...device.store].map(([key, value]) => ({ key, value }))
  const at = choose(records.length)
  const { key, value } = records[at] ?? assert.fail()
  const others = records.map((record) => record.value)
  if (choose(4) === 0) return records.filter((_, i) => i !== at)
  if (choose(4) === 0) return [...records, { key: `${key}${choose(10)}`, value }]
  return records.with(at, { key, value: mutate(value, others, choose) })
}

test(
  "changed messages, Welcomes, KeyPackages and records get coded errors, soon, and leave the state as it was",
  { timeout: 900_000 },
  () => {
    for (const suite of long ? ([0x0001, 0x0003, 0x004f] as const) : ([0x0001, 0x004f] as const)) {
      fuzz(`real/${suite}`, corpus(`real/${suite}`, suite), long ? 20_000 : 250)
    }
  },
)

test("what a malicious member could sign and encrypt gets coded errors, soon, and leaves the state as it was", { timeout: 900_000 }, () => {
  const { accepted } = fuzz("weak", corpus("weak", 0x0001, weakened), long ? 60_000 : 900)
  assert.ok(accepted > 0, "some changes came past all checks, so the checks behind cryptography were reached")
})

test("random bytes are refused by every decoder", () => {
  const from = corpus("random", 0x0001)
  const choose = seededChoices(`${seed}/random`)
  const { receiver, joiner } = from
  for (let i = 0; i < (long ? 50_000 : 500); i++) {
    const bytes = Uint8Array.from({ length: choose(200) }, () => choose(256))
    if (choose(2) === 0) bytes.set([0, 1, 0, 1 + choose(5)].slice(0, bytes.length))
    for (const [what, run] of [
      ["process", () => receiver.process(bytes)],
      ["openWelcome", () => mls.openWelcome(joiner.env, { welcome: bytes, keyPackageSecret: bytes, signer: joiner.signer })],
      ["parseKeyPackage", () => mls.parseKeyPackage(joiner.env, bytes)],
      ["decodeStaged", () => mls.decodeStaged(receiver.env, receiver.state, bytes)],
      ["loadGroup", () => mls.loadGroup(receiver.env, [{ key: "x", value: bytes }])],
    ] as const) {
      assert.equal(attempt(what, bytes, run), "refused")
    }
  }
})

test("a message that promises a gigabyte, or is megabytes long, costs no memory and no time", () => {
  const { receiver, messages, welcome, joiner } = corpus("oversized", 0x0001)
  const application = messages[1] ?? assert.fail()
  const promises = application.slice()
  promises.set([0xbf, 0xff, 0xff, 0xff], 4)
  const huge = new Uint8Array(8 * 1024 * 1024)
  huge.set(application)
  const hugeWelcome = new Uint8Array(8 * 1024 * 1024)
  hugeWelcome.set(welcome)
  const usedBefore = process.memoryUsage().rss
  for (const message of [promises, huge])
    assert.equal(
      attempt("process", message.subarray(0, 64), () => receiver.process(message)),
      "refused",
    )
  assert.equal(
    attempt("openWelcome", welcome.subarray(0, 64), () =>
      mls.openWelcome(joiner.env, {
        welcome: hugeWelcome,
        keyPackageSecret: joiner.keyPackages[0]?.secret ?? assert.fail(),
        signer: joiner.signer,
      }),
    ),
    "refused",
  )
  assert.ok(process.memoryUsage().rss - usedBefore < 200 * 1024 * 1024)
})

test("messages replayed, of another group, of a later or long passed epoch are refused with their codes", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => new Device(name, `${seed}/cross`, { suite: 0x0001 }))
  assert.ok(a && b && c)
  const groups = ["one", "two"].map((groupId) => {
    const [x, y] = [`${groupId} x`, `${groupId} y`].map((name) => new Device(name, `${seed}/cross`, { suite: 0x0001 }))
    assert.ok(x && y)
    x.create(groupId)
    const own = x.commit([{ type: "add", keyPackage: y.newKeyPackage() }])
    x.apply(own.staged)
    y.join(welcomeOf(0x0001, own))
    return { x, y }
  })
  const [one, two] = groups
  assert.ok(one && two)
  const message = one.x.send(toUtf8("for one"))
  assert.throws(() => two.y.process(message), { code: "wrong_group" })
  one.y.receive(message)
  assert.throws(() => one.y.process(message), { code: "generation_consumed" })
  assert.throws(() => one.x.process(message), { code: "own_message" })
  const early = one.x.send(toUtf8("kept back"))
  for (let epochs = 0; epochs < 5; epochs++) {
    const commit = one.x.commit([])
    one.x.apply(commit.staged)
    if (epochs === 0) {
      const future = one.x.send(toUtf8("from the next epoch"))
      assert.throws(() => one.y.process(future), { code: "wrong_epoch" })
    }
    one.y.receive(commit.message)
    assert.throws(() => one.y.process(commit.message), { code: "wrong_epoch" })
  }
  assert.throws(() => one.y.process(early), { code: "wrong_epoch" })
})
