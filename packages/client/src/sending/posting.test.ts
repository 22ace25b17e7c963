import assert from "node:assert/strict"
import { test } from "node:test"
import {
  type DeliveryCode,
  DeliveryRefusal,
  type OpenItem,
  type PostingAnswer,
  type PostingRequest,
  decodePostingRequest,
  encodePostingAnswer,
} from "@nodoor/wire/delivery"
import { NetworkError } from "../core/client-error.ts"
import { fakeJobs } from "../core/fixtures/fake-jobs.ts"
import type { StreamHandlers } from "../core/ports.ts"
import { Posting } from "./posting.ts"

const groupId = new Uint8Array(32).fill(1)
const opened: PostingAnswer = { type: "opened", pass: Uint8Array.of(9), expiryHour: 500, hour: 480, postsLeft: 20_000 }

interface Connection {
  readonly handlers: StreamHandlers
  readonly frames: PostingRequest[][]
  closed: boolean
  answer(...answers: readonly PostingAnswer[]): void
}

/** A posting stream whose server is the test. `takes`: what each opening is done with; the last one is repeated. */
function world(takes: readonly (OpenItem | Error)[] = [{ type: "open", with: "pass", data: Uint8Array.of(7) }]) {
  const connections: Connection[] = []
  const refused: DeliveryCode[] = []
  const jobs = fakeJobs()
  let taken = 0
  const passes = {
    take: async () => {
      const one = takes[Math.min(taken++, takes.length - 1)]
      if (!one || one instanceof Error) throw one ?? new Error("none")
      return one
    },
    opened: () => undefined,
    refused: (code: DeliveryCode) => void refused.push(code),
  }
  const network = {
    openStream: (url: string, kind: string, handlers: StreamHandlers) => {
      assert.deepEqual([url, kind], ["https://post.example", "posting"])
      const connection: Connection = {
        handlers,
        frames: [],
        closed: false,
        answer: (...answers) => handlers.frame(encodePostingAnswer(answers)),
      }
      connections.push(connection)
      return {
        send: (frame: Uint8Array) => void connection.frames.push(decodePostingRequest(frame)),
        close: () => void (connection.closed = true),
      }
    },
  }
  const posting = new Posting({ network, passes, jobs: jobs.jobs, hostUrl: () => "https://post.example", fault: assert.fail })
  const say = (text: string, flags: 0 | 1 = 0) =>
    posting.post({ groupId, epoch: 1, flags, mac: new Uint8Array(32), body: new TextEncoder().encode(text) })
  return { posting, say, connections, refused, jobs }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function refs(frame: readonly PostingRequest[] | undefined): readonly number[] {
  return (frame ?? []).flatMap((item) => ("ref" in item ? [item.ref] : []))
}

function texts(frame: readonly PostingRequest[] | undefined): readonly string[] {
  return (frame ?? []).flatMap((item) => (item.type === "post" ? [new TextDecoder().decode(item.body)] : []))
}

async function first(connections: readonly Connection[], at = 0): Promise<Connection> {
  await turn()
  const connection = connections[at]
  assert.ok(connection, "a connection")
  connection.handlers.opened()
  await turn()
  return connection
}

const placed = (ref: number, order: number): PostingAnswer => ({ type: "placed", ref, order, hour: 480 })

test("Nothing is opened before there is something to send; then one frame opens the stream and carries all of the turn", async () => {
  const { say, connections, jobs } = world()
  await turn()
  assert.equal(connections.length, 0)
  const posts = [say("a"), say("b"), say("c")]
  const connection = await first(connections)
  assert.equal(connection.frames.length, 1)
  assert.equal(connection.frames[0]?.[0]?.type, "open")
  assert.deepEqual(texts(connection.frames[0]), ["a", "b", "c"])
  const [a = 0, b = 0, c = 0] = refs(connection.frames[0])
  connection.answer(opened, placed(a, 4), placed(b, 5), placed(c, 6))
  assert.deepEqual(
    (await Promise.all(posts)).map(({ order }) => order),
    [4, 5, 6],
  )
  assert.deepEqual(
    jobs.due.map(({ kind, afterMs }) => [kind, afterMs]),
    [["posting-idle", 60_000]],
  )
  jobs.due[0]?.run()
  assert.ok(connection.closed)
  void say("d").catch(() => undefined)
  await turn()
  assert.equal(connections.length, 2)
})

test("What has no answer when the connection is lost is sent once more, in its order, before what came later; then its sender is told", async () => {
  const { say, connections } = world()
  const [a, b] = [say("a"), say("b")]
  const one = await first(connections)
  one.answer(opened, placed(refs(one.frames[0])[0] ?? 0, 1))
  await a
  const c = say("c")
  await turn()
  one.handlers.closed()
  const two = await first(connections, 1)
  assert.deepEqual(texts(two.frames[0]), ["b", "c"])
  two.handlers.closed()
  for (const post of [b, c]) await assert.rejects(post, (error) => error instanceof NetworkError && error.maybeDone)
  await turn()
  assert.equal(connections.length, 2)
})

test("A server that cannot be reached is told to all who wait, and is not asked again before somebody sends", async () => {
  const { say, connections } = world()
  const told = say("a").catch((error: unknown) => error)
  await turn()
  connections[0]?.handlers.closed()
  assert.ok((await Promise.race([told, turn()])) instanceof NetworkError)
  await turn()
  assert.equal(connections.length, 1)
})

test("A server that answers nothing for thirty seconds is left", async () => {
  const { say, connections, jobs } = world()
  void say("a").catch(() => undefined)
  const one = await first(connections)
  const job = jobs.due.find(({ kind }) => kind === "posting-unanswered")
  assert.equal(job?.afterMs, 30_000)
  job?.run()
  assert.ok(one.closed)
  const two = await first(connections, 1)
  assert.deepEqual(texts(two.frames[0]), ["a"])
})

test("A refusal is the item's own: with its code, epoch and pause", async () => {
  const { say, connections } = world()
  const [a, b] = [say("a"), say("b")]
  const one = await first(connections)
  const [refA = 0, refB = 0] = refs(one.frames[0])
  one.answer(opened, { type: "refused", ref: refA, code: "epoch_stale", epoch: 7, retryAfterMs: 0 }, placed(refB, 2))
  await assert.rejects(a, (error) => error instanceof DeliveryRefusal && error.code === "epoch_stale" && error.epoch === 7)
  assert.equal((await b).order, 2)
})

test("A pass that is used up or no longer good is shown no more, and what follows it goes with another, in order", async () => {
  for (const closes of [true, false]) {
    const { say, connections, refused } = world([
      { type: "open", with: "pass", data: Uint8Array.of(7) },
      { type: "open", with: "token", data: new Uint8Array(354) },
    ])
    const posts = [say("a"), say("b"), say("c")]
    const one = await first(connections)
    const [a = 0, b = 0] = refs(one.frames[0])
    if (closes) one.answer({ type: "closed", code: "pass_invalid", message: "" })
    else {
      one.answer(opened, placed(a, 1), { type: "refused", ref: b, code: "pass_used_up", epoch: 0, retryAfterMs: 0 })
      assert.equal((await posts[0])?.order, 1)
    }
    assert.deepEqual(refused, [closes ? "pass_invalid" : "pass_used_up"])
    const two = await first(connections, 1)
    assert.equal(two.frames[0]?.[0]?.type === "open" && two.frames[0][0].with, "token")
    assert.deepEqual(texts(two.frames[0]), closes ? ["a", "b", "c"] : ["b", "c"])
    for (const post of posts) post.catch(() => undefined)
  }
})

test("A server that refuses every pass is not asked for ever", async () => {
  const { say, connections } = world()
  const post = say("a")
  for (let nth = 0; nth < 2; nth++) (await first(connections, nth)).answer({ type: "closed", code: "pass_invalid", message: "" })
  await assert.rejects(post, (error) => error instanceof DeliveryRefusal && error.code === "pass_invalid")
  await turn()
  assert.equal(connections.length, 2)
})

test("Without a pass or a token nothing is connected, and who sends is told why", async () => {
  const { say, connections } = world([new NetworkError("none", { maybeDone: false })])
  await assert.rejects(say("a"), NetworkError)
  assert.equal(connections.length, 0)
})

/** Frames of a server that lies, each of which must end the stream with nothing taken for done. `refA`: of the one post that is under way. */
const lies: Readonly<Record<string, (refA: number) => Uint8Array>> = {
  "an answer to something that was never posted": (refA) => encodePostingAnswer([opened, placed(refA + 1, 1)]),
  "the same answer twice": (refA) => encodePostingAnswer([opened, placed(refA, 1), placed(refA, 2)]),
  "the answer of a commit to a post": (refA) =>
    encodePostingAnswer([opened, { type: "committed", ref: refA, order: 1, hour: 1, fanout: new Uint8Array(32) }]),
  "a post that is done without a place": (refA) => encodePostingAnswer([opened, { type: "done", ref: refA }]),
  "a place that only ephemeral posts have": (refA) => encodePostingAnswer([opened, placed(refA, 0)]),
  "a stream that is opened twice": () => encodePostingAnswer([opened, opened]),
  "bytes that are no frame": () => Uint8Array.of(0x82, 1),
  "an item of another stream": () => Uint8Array.of(0x02),
}

for (const [lie, frame] of Object.entries(lies))
  test(`A server that says ${lie} is not believed: the stream ends, and the post is sent again`, async () => {
    const { say, connections } = world()
    const post = say("a")
    let isDone = false
    post.then(
      () => (isDone = true),
      () => undefined,
    )
    const one = await first(connections)
    one.handlers.frame(frame(refs(one.frames[0])[0] ?? 0))
    assert.ok(one.closed)
    await turn()
    if (lie === "the same answer twice") return assert.ok(isDone)
    assert.equal(isDone, false)
    const two = await first(connections, 1)
    assert.deepEqual(texts(two.frames[0]), ["a"])
    two.answer(opened, placed(refs(two.frames[0])[0] ?? 0, 3))
    assert.equal((await post).order, 3)
  })

test("What is under way is bounded; the rest follows as answers come, in order", async () => {
  const { say, connections } = world()
  const posts = Array.from({ length: 2_500 }, (_, at) => say(String(at)))
  const one = await first(connections)
  const sent = (): readonly string[] => one.frames.flatMap(texts)
  assert.ok(sent().length < 100, "little goes along with what opens the stream")
  let order = 0
  let done = 0
  one.answer(opened)
  await turn()
  assert.equal(sent().length, 1_024)
  while (done < 2_500) {
    const all = one.frames.flatMap(refs).slice(done)
    for (let at = 0; at < all.length; at += 500) one.answer(...all.slice(at, at + 500).map((ref) => placed(ref, ++order)))
    done += all.length
    await turn()
  }
  assert.deepEqual(
    sent(),
    Array.from({ length: 2_500 }, (_, at) => String(at)),
  )
  assert.equal((await Promise.all(posts)).at(-1)?.order, 2_500)
})

test("No more than 16,384 items wait, and the one too many is told at once", async () => {
  const { say } = world()
  for (let at = 0; at < 16_384; at++) say("").catch(() => undefined)
  const told = say("one too many").catch((error: unknown) => error)
  const error = await Promise.race([told, turn()])
  assert.ok(error instanceof NetworkError && !error.maybeDone)
})

test("What is large waits until the stream is open, because the server takes little before; a stream that never opens is told of", async () => {
  const { say, connections } = world()
  const large = say("x".repeat(100_000))
  const one = await first(connections)
  assert.deepEqual(
    one.frames.map((frame) => frame.map(({ type }) => type)),
    [["open"]],
  )
  one.answer(opened)
  await turn()
  const ref = refs(one.frames[1])[0] ?? 0
  one.answer(placed(ref, 1))
  assert.equal((await large).order, 1)

  const other = world()
  const lost = other.say("x".repeat(100_000)).catch((error: unknown) => error)
  const never = await first(other.connections)
  never.handlers.closed()
  assert.ok((await lost) instanceof NetworkError)
  assert.equal(other.connections.length, 1)
})
