import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { type MailboxRecord, decodeMessage, encodeMessage, limits, readMailbox, streamFrame, streamFrameBytes } from "@nodoor/wire"
import fc from "fast-check"
import type { StoredRecord } from "../store/store.ts"
import { encodeMailboxAnswer, encodeRecordsFrame, fitting, readyRecord, recordParts } from "./frame.ts"

const count = fc.oneof(fc.nat(30), fc.nat(300), fc.nat(70_000), fc.nat(), fc.maxSafeNat())
const bytes = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size })
const body = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 250, maxLength: 300 }))
const place = { seq: count, groupId: bytes(32), order: count, timeMs: count, body }
const record: fc.Arbitrary<StoredRecord> = fc.oneof(
  fc.record({ kind: fc.constant("gap" as const), seq: count }),
  fc.record({ kind: fc.constant("post" as const), ...place, fanout: fc.constant(undefined), groupInfo: fc.constant(undefined) }),
  fc.record({ kind: fc.constant("commit" as const), ...place, fanout: bytes(32), groupInfo: fc.constant(undefined) }),
  fc.record({ kind: fc.constant("welcome" as const), ...place, fanout: bytes(32), groupInfo: body }),
)

test("frames and answers written byte by byte are exactly what the schema's encoder writes, and decode to the same", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), count, count, (records, head, acked) => {
      const plain = records as unknown as MailboxRecord[]
      const frame = encodeRecordsFrame(records.map((each) => readyRecord(each.seq, recordParts(each))))
      assert.equal(toHex(frame), toHex(encodeMessage({ type: "records", records: plain })))
      decodeMessage(streamFrame, frame, streamFrameBytes)
      const answer = encodeMailboxAnswer({ records, head, acked })
      assert.equal(toHex(answer), toHex(encodeMessage({ records: plain, head, acked })))
      decodeMessage(readMailbox.answer, answer, readMailbox.maxAnswerBytes)
    }),
    { numRuns: 200 },
  )
})

test("a frame holds at most its number and bytes of records, and always one", () => {
  const of = (sizeBytes: number): ReturnType<typeof readyRecord> => {
    const parts = recordParts({
      kind: "post",
      seq: 1,
      groupId: new Uint8Array(32),
      order: 1,
      timeMs: 1,
      body: new Uint8Array(sizeBytes),
      fanout: undefined,
      groupInfo: undefined,
    })
    return readyRecord(1, parts)
  }
  assert.equal(fitting(Array.from({ length: 600 }, () => of(1))), limits.batchRecords)
  assert.equal(fitting([of(limits.batchBytes), of(1)]), 1)
  assert.equal(fitting([of(100), of(limits.batchBytes - 1000), of(2000)]), 2)
  assert.equal(fitting([]), 0)
})
