// Linking when something is wrong: a server that changes, replays or withholds, a code that somebody else has, a person who refuses, and
// processes that die at every step.

import assert from "node:assert/strict"
import { test } from "node:test"
import { concat, toUtf8 } from "@nodoor/bytes"
import { ClientError, type LinkView, readCode } from "@nodoor/client"
import { nodeProvider } from "@nodoor/mls/node"
import { decodeMessage, encodeMessage, limits, logUpdate, putRendezvous, takeRendezvous } from "@nodoor/wire"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"
import type { VirtualDevice } from "./virtual-device.ts"

interface Attempt {
  readonly virtual: VirtualDevice
  /** What each side shows, the latest last. */
  readonly old: LinkView[]
  readonly fresh: LinkView[]
  /** Why the new device ended; undefined once it is in. */
  readonly ended: Promise<Error | undefined>
}

/** Begins to link a further device. `shows`: which side shows the code. */
async function begin(world: OperatedWorld, person: Person, name: string, shows: "old" | "new" = "old"): Promise<Attempt> {
  const [old, fresh]: [LinkView[], LinkView[]] = [[], []]
  const { promise: ended, resolve } = Promise.withResolvers<Error | undefined>()
  person.device.subscribe((event) => event.type === "link" && old.push(event.link))
  const hears = (view: LinkView): void => void fresh.push(view)
  const first = shows === "old" ? await world.run(person.device.startLink({ show: true })) : undefined
  const how = first ? { code: first.code ?? "" } : ({ show: true } as const)
  const virtual = world.joining({ how, hears, ended: resolve }, name)
  void virtual.start()
  if (shows === "new") {
    await world.until("it shows its code", async () => fresh.at(-1)?.step === "showing")
    const { code = "", link = "" } = fresh.at(-1) ?? {}
    await world.run(person.device.startLink({ code: name.endsWith("link") ? link : code }))
  }
  return { virtual, old, fresh, ended }
}

async function chosen(world: OperatedWorld, person: Person, { old, fresh }: Attempt): Promise<void> {
  await world.until(
    "the number is asked for",
    async () => old.at(-1)?.step === "confirming" && fresh.some(({ number }) => number !== undefined),
  )
  await world.run(person.device.answerLink({ number: fresh.find(({ number }) => number !== undefined)?.number ?? 0 }))
}

const deviceCount = async ({ device }: Person): Promise<number> => (await device.devices()).length

async function isIn(world: OperatedWorld, { virtual }: Attempt): Promise<void> {
  await world.until("it is in", async () => virtual.device !== undefined && (await virtual.device.connection()).status === "online")
}

async function nothingHappened(world: OperatedWorld, person: Person, { virtual }: Attempt): Promise<void> {
  assert.equal(await deviceCount(person), 1)
  assert.equal(virtual.device, undefined)
  // Another one can be linked at once.
  const next = await begin(world, person, "z-next")
  await chosen(world, person, next)
  await isIn(world, next)
}

const failure = (views: readonly LinkView[]): string => views.findLast(({ step }) => step === "failed")?.failure?.code ?? "none"

test("A device is let in by the code that it shows itself, typed or as a link", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    for (const name of ["a-typed", "a-link"]) {
      const attempt = await begin(world, alice, name, "new")
      await chosen(world, alice, attempt)
      await isIn(world, attempt)
      await world.until("the old one is done", async () => attempt.old.at(-1)?.step === "done")
    }
    assert.equal(await deviceCount(alice), 3)
  }))

test("A wrong number, a refusal and a cancellation end it for good, and nothing was handed over", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const codes = [
      ["link_wrong_number", "link_wrong_number"],
      ["link_cancelled", "link_denied"],
      ["link_cancelled", "link_denied"],
    ]
    const ways: ((attempt: Attempt) => Promise<void>)[] = [
      async ({ old, fresh }) => {
        const wrong = old.at(-1)?.numbers?.find((one) => !fresh.some(({ number }) => number === one)) ?? 0
        await world.run(alice.device.answerLink({ number: wrong }))
      },
      () => world.run(alice.device.answerLink({ deny: true })),
      () => world.run(alice.device.cancelLink()),
    ]
    for (const [at, way] of ways.entries()) {
      const attempt = await begin(world, alice, `a-${at}`)
      await world.until(
        "it is asked for",
        async () => attempt.old.at(-1)?.step === "confirming" && attempt.fresh.at(-1)?.step === "choosing",
      )
      await way(attempt)
      assert.ok(await world.run(attempt.ended))
      assert.deepEqual([failure(attempt.old), failure(attempt.fresh)], codes[at])
      assert.equal((await attempt.virtual.disk.read("SELECT 1 FROM sqlite_master WHERE name = 'device'")).length, 1)
      assert.deepEqual(await attempt.virtual.disk.read("SELECT * FROM device"), [], "nothing is stored")
      await assert.rejects(world.run(alice.device.answerLink({ number: 1 })), { code: "not_allowed" })
    }
    assert.equal(await deviceCount(alice), 1)
  }))

test("A code that nobody looks at lets nobody in: too old, used, guessed, or the linking screen was left", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const { code = "" } = await world.run(alice.device.startLink({ show: true }))
    await world.run(alice.device.cancelLink())
    const join = async (name: string, typed: string): Promise<string | undefined> => {
      const { promise, resolve } = Promise.withResolvers<Error | undefined>()
      void world.joining({ how: { code: typed }, hears: () => {}, ended: resolve }, name).start()
      const error = await world.run(promise)
      return error instanceof ClientError ? error.code : error?.name
    }
    assert.equal(await join("a-left", code), "link_no_answer")
    const shown = await world.run(alice.device.startLink({ show: true }))
    await world.pass(limits.rendezvousMs + 1_000)
    assert.equal(await join("a-old", shown.code ?? ""), "link_no_answer")
    const attempt = await begin(world, alice, "a-first")
    await chosen(world, alice, attempt)
    const again = attempt.old.find(({ code: known }) => known !== undefined)?.code ?? shown.code ?? ""
    await isIn(world, attempt)
    assert.ok(await join("a-again", again))
    assert.equal(await deviceCount(alice), 2)
  }))

test("Somebody who saw the code and is faster is seen by the person, gets nothing, and the own device is told that the code was used", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const thief = await begin(world, alice, "t-hief")
    await world.until(
      "the thief is asked about",
      async () => thief.old.at(-1)?.step === "confirming" && thief.fresh.at(-1)?.step === "choosing",
    )
    assert.equal(thief.old.at(-1)?.peer?.name, "Browser of t-hief")
    const { promise, resolve } = Promise.withResolvers<Error | undefined>()
    const [shown] = thief.old
    const own = world.joining({ how: { code: shown?.code ?? "" }, hears: () => {}, ended: resolve }, "a-own")
    void own.start()
    assert.equal(((await world.run(promise)) as ClientError | undefined)?.code, "link_used")
    await world.run(alice.device.answerLink({ deny: true }))
    assert.ok(await world.run(thief.ended))
    await nothingHappened(world, alice, thief)
  }))

test("A code of another server and a device without a connection are told apart from the rest, and nothing was handed over", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const { code = "", link = "" } = await world.run(alice.device.startLink({ show: true }))
    const elsewhere = `https://elsewhere.example/#link/${code.replaceAll(" ", "-")}`
    await assert.rejects(world.run(alice.device.startLink({ code: elsewhere })), { code: "link_other_server" })
    await world.run(alice.device.cancelLink())
    const join = async (name: string, how: { readonly code: string; readonly reachable: boolean }): Promise<ClientError> => {
      const { promise, resolve } = Promise.withResolvers<Error | undefined>()
      const virtual = world.joining({ how: { code: how.code }, hears: () => {}, ended: resolve }, name)
      virtual.reachable = how.reachable
      void virtual.start()
      const error = await world.run(promise)
      assert.ok(error instanceof ClientError)
      return error
    }
    assert.equal((await join("a-offline", { code: link, reachable: false })).code, "link_offline")
    assert.equal((await join("a-mistyped", { code: `${code.slice(0, -1)}0`, reachable: true })).code, "link_code_invalid")
    // The old device has no connection either.
    alice.virtual.reachable = false
    const seen: LinkView[] = []
    alice.device.subscribe((event) => event.type === "link" && seen.push(event.link))
    await world.run(alice.device.startLink({ show: true }))
    await world.until("it has ended", async () => failure(seen) !== "none")
    assert.equal(failure(seen), "link_offline")
    assert.equal(await deviceCount(alice), 1)
  }))

/** What a hand at the server makes of a message that was left in a slot. */
function changing(world: OperatedWorld, slot: number, change: (sealed: Uint8Array) => Uint8Array): void {
  world.hand = async (path, _caller, body, honest) => {
    const answer = await honest()
    if (path !== takeRendezvous.path || decodeMessage(takeRendezvous.request, body, 1_024).slot !== slot || answer.status !== 200)
      return answer
    const { sealed } = decodeMessage(takeRendezvous.answer, answer.body, takeRendezvous.maxAnswerBytes)
    return sealed ? { status: 200, body: encodeMessage({ sealed: change(sealed) }) } : answer
  }
}

test("A server that swaps a key or any message is noticed, and nothing is handed over", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    for (const slot of [0, 1, 2]) {
      changing(world, slot, (sealed) => sealed.map((byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte)))
      const attempt = await begin(world, alice, `a-${slot}`)
      await world.until("it has failed", async () => failure(attempt.old) !== "none" || failure(attempt.fresh) !== "none")
      await world.pass(limits.rendezvousAnsweredMs)
      assert.equal(
        attempt.old.some(({ step }) => step === "confirming"),
        false,
      )
      assert.equal(await deviceCount(alice), 1)
    }
    // What one meeting said, in another.
    let heard: Uint8Array | undefined
    changing(world, 0, (sealed) => (heard ??= sealed))
    const first = await begin(world, alice, "a-heard")
    await world.until("it is asked about", async () => first.old.at(-1)?.step === "confirming")
    await world.run(alice.device.answerLink({ deny: true }))
    const replayed = await begin(world, alice, "a-replayed")
    await world.until("it has failed", async () => failure(replayed.old) !== "none")
    assert.match(replayed.old.at(-1)?.failure?.message ?? "", /changed on the way/)
    // A signature that is not the new device's.
    changing(world, 4, (sealed) => sealed.map((byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte)))
    const signed = await begin(world, alice, "a-signed")
    await chosen(world, alice, signed)
    await world.until("it has failed", async () => failure(signed.old) !== "none")
    assert.equal(await deviceCount(alice), 1)
    world.hand = (_path, _caller, _body, honest) => honest()
    await world.run(signed.ended)
    await nothingHappened(world, alice, signed)
  }))

test("A new device that signs nothing, or another version than the one that it was given, is not let in", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const suite = nodeProvider.suite(0x004f)
    for (const [name, place] of [
      ["the version", (bytes: number) => bytes >> 2],
      ["its signature", (bytes: number) => bytes - 20],
    ] as const) {
      // It has the code, so what it leaves is sealed rightly.
      let key = new Uint8Array()
      changing(world, 4, (sealed) => {
        const [nonce, aad] = [sealed.slice(0, suite.nonceBytes), concat(toUtf8("nodoor/link/slot"), Uint8Array.of(4))]
        const signed = suite.open(key, nonce, aad, sealed.slice(suite.nonceBytes))
        assert.ok(signed)
        const at = place(signed.length)
        return concat(nonce, suite.seal(key, nonce, aad, signed.with(at, (signed[at] ?? 0) ^ 1)))
      })
      const attempt = await begin(world, alice, `a-${name.length}`)
      const { code = "" } = attempt.old.find(({ step }) => step === "showing") ?? {}
      const secret = suite.extract(new Uint8Array(), readCode(code).secret)
      key = Uint8Array.from(suite.expand(secret, toUtf8("nodoor/link/key"), suite.keyBytes))
      await chosen(world, alice, attempt)
      const chosenMs = world.time.nowMs()
      await world.until("it has failed", async () => failure(attempt.old) !== "none")
      assert.equal(failure(attempt.old), "link_failed", name)
      assert.ok(world.time.nowMs() - chosenMs < 5_000, "the person is told at once, and the server is not asked")
      assert.equal(await deviceCount(alice), 1)
      assert.ok(!attempt.old.some(({ step }) => step === "transferring"))
      await world.pass(limits.rendezvousAnsweredMs)
    }
  }))

test("A server that withholds a message delays, and the account is changed wholly or not at all", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    let count = 1
    for (const slot of [0, 1, 2, 3, 4, 5]) {
      world.hand = async (path, _caller, body, honest) => {
        const isHeld = path === takeRendezvous.path && decodeMessage(takeRendezvous.request, body, 1_024).slot === slot
        return isHeld ? { status: 200, body: encodeMessage({}) } : await honest()
      }
      const attempt = await begin(world, alice, `a-${slot}`)
      if (slot >= 3) await chosen(world, alice, attempt)
      if (slot === 5) {
        // It finds out by signing in.
        await isIn(world, attempt)
        count++
      } else assert.ok(await world.run(attempt.ended))
      await world.until("the old one has ended", async () => ["failed", "done", "transferring"].includes(attempt.old.at(-1)?.step ?? ""))
      assert.equal(await deviceCount(alice), count, `slot ${slot}`)
    }
  }))

test("Two that link at once both get in, one after the other", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const second = await world.linked(alice, "a-second")
    const [one, two] = [await begin(world, alice, "b-one"), await begin(world, second, "c-two")]
    for (const { old } of [one, two]) await world.until("asked", async () => old.at(-1)?.step === "confirming")
    await world.run(Promise.all([chosen(world, alice, one), chosen(world, second, two)]))
    await isIn(world, one)
    await isIn(world, two)
    await world.until("all know all", async () => (await deviceCount(alice)) === 4 && (await deviceCount(second)) === 4)
  }))

test("Whichever process dies at whichever step, the device gets in, or nothing has changed and it can be linked again", async () => {
  const steps = [putRendezvous.path, takeRendezvous.path, logUpdate.path]
  for (const who of ["old", "new"] as const)
    for (const when of ["before", "after"] as const)
      for (let dies = 0; dies < (who === "old" ? 5 : 4); dies++)
        await OperatedWorld.with(async (world) => {
          const alice = await world.person("alice")
          const attempt = await begin(world, alice, "n-ew")
          await world.until("asked", async () => attempt.old.at(-1)?.step === "confirming" && attempt.fresh.at(-1)?.step === "choosing")
          const victim = who === "old" ? alice.virtual : attempt.virtual
          let at = 0
          world.hand = async (path, caller, _body, honest) => {
            const isStep = steps.includes(path) && caller.address === victim.address
            if (!isStep || at++ !== dies) return await honest()
            if (when === "before") {
              victim.kill()
              return { status: 503, body: new Uint8Array() }
            }
            const answer = await honest()
            victim.kill()
            return answer
          }
          await world
            .run(alice.device.answerLink({ number: attempt.fresh.findLast(({ number }) => number !== undefined)?.number ?? 0 }))
            .catch(() => undefined)
          await world.pass(limits.rendezvousAnsweredMs + 15 * 60_000)
          world.hand = (_path, _caller, _body, honest) => honest()
          await world.until("the old one runs", async () => (await alice.virtual.device?.connection())?.status === "online")
          const { device } = alice.virtual
          assert.ok(device)
          const listed = (await device.devices()).length
          const what = `${who} ${when} ${dies}`
          const isLinked = attempt.virtual.device !== undefined
          assert.equal(listed, isLinked ? 2 : 1, what)
          if (!isLinked) await nothingHappened(world, { ...alice, device }, attempt)
        })
})
