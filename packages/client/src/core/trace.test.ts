import assert from "node:assert/strict"
import { test } from "node:test"
import { WireError } from "@nodoor/wire"
import { ClientError, NetworkError } from "./client-error.ts"
import { StoreError } from "./store-error.ts"
import { type Trace, traceOf, whyOf, wordOf } from "./trace.ts"

const name: string = "Alice"

test("Lines of the areas that were asked for are written, in words and numbers, and no others", () => {
  const lines: string[] = []
  const trace = traceOf("jobs,server", (line) => lines.push(line))
  trace.line("jobs", "due", { kind: wordOf("receipts"), tries: 2, lateMs: 0 })
  trace.line("store", "commit", { statements: 1, reads: 1, readsAfterWrites: 0 })
  trace.line("server", "asked", { caller: "member", why: "epoch_stale", tookMs: 12 })
  trace.fault(new RangeError("nobody asked for faults"))
  assert.deepEqual(lines, ["jobs due kind=receipts tries=2 lateMs=0", "server asked caller=member why=epoch_stale tookMs=12"])
})

test("Every area can be asked for at once, and a name that is none is refused", () => {
  const lines: string[] = []
  const trace = traceOf("all", (line) => lines.push(line))
  trace.line("reading", "status", { status: "online" })
  trace.line("store", "commit", { statements: 1, reads: 1, readsAfterWrites: 0 })
  assert.equal(lines.length, 2)
  assert.throws(() => traceOf("jobs,everything", () => {}), RangeError)
  traceOf("", () => assert.fail("off")).line("reading", "status", { status: "online" })
})

test("What could be content, a key or an id does not compile, and a cast writes a question mark", () => {
  const lines: string[] = []
  const trace: Trace = traceOf("all", (line) => lines.push(line))
  // @ts-expect-error: a text that may be anything
  trace.line("jobs", "due", { kind: name, tries: 0, lateMs: 0 })
  // @ts-expect-error: bytes
  trace.line("jobs", "due", { kind: wordOf("receipts"), tries: new Uint8Array(16), lateMs: 0 })
  // @ts-expect-error: a field that the table does not have
  trace.line("store", "commit", { statements: 1, reads: 1, readsAfterWrites: 0, group: 7 })
  // @ts-expect-error: only what stands in the source is a word
  wordOf(name)
  assert.match(lines[0] ?? "", /kind=\? /)
  assert.match(lines[1] ?? "", /tries=\? /)
})

test("A fault keeps its stack and its causes", () => {
  const lines: string[] = []
  const trace = traceOf("faults", (line) => lines.push(line))
  trace.fault(new TypeError("outer", { cause: new RangeError("inner") }))
  trace.fault("thrown by somebody else")
  assert.match(lines[0] ?? "", /^TypeError: outer\n {4}at .*trace\.test\.ts[\s\S]*\ncaused by RangeError: inner\n {4}at /)
  assert.equal(lines[1], "not an Error: string")
})

test("Why something failed is a code, whatever the error's words are", () => {
  assert.deepEqual(
    [
      new NetworkError("no answer", { maybeDone: false }),
      new WireError("rate_limited", name),
      new ClientError("not_found", name),
      new StoreError("store_full"),
      new Error(name),
      name,
    ].map(whyOf),
    ["network", "rate_limited", "not_found", "store_full", "other", "other"],
  )
})
