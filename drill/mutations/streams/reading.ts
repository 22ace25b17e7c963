// What the server says on the reading stream: orders, hours, gaps, acknowledgements, seats.

import type { Edit, Mutation } from "../mutation.ts"

const of = (file: string, text: string, replacement = ""): readonly Edit[] => [
  { file: `packages/client/src/receiving/${file}.ts`, text, replacement },
]
const tests = ["packages/client/src/receiving/reading.test.ts"]
const connection = ["packages/client/src/receiving/reading-connection.test.ts"]

export const readingMutations: readonly Mutation[] = [
  {
    name: "reading-missing",
    without: "what is missing before a record is asked for once more",
    edits: of("reading", "item.order !== subscription.received + 1 && ", "item.order !== item.order && "),
    tests,
  },
  {
    name: "reading-withheld",
    without: "a record that the server withholds does not hold back those behind it",
    edits: of("reading", "return this.#askedAgain.get(nameOf(subscription.seat)) === subscription.received", "return false"),
    tests,
  },
  {
    name: "reading-after-failure",
    without: "nothing is taken in behind records that could not be stored",
    edits: of("reading", "        if (this.#stream === stream) this.#stream = undefined\n        // A store", "        // A store"),
    tests,
  },
  {
    name: "reading-repeated",
    without: "a record that comes again is not taken in again",
    edits: of("reading", "item.order <= subscription.received", "item.order < 0"),
    tests,
  },
  {
    name: "reading-two-bodies",
    without: "another body at a place that is taken is told",
    edits: of("seat-trouble", " || equal(known, hash)) return", " || known) return"),
    tests,
  },
  {
    name: "reading-gap-ahead",
    without: "a gap reaches no further than the head",
    edits: of("reading", " || through > subscription.head"),
    tests,
  },
  {
    name: "reading-gap-told",
    without: "a gap is told once",
    edits: of("reading", "if (through <= subscription.received || ", "if ("),
    tests,
  },
  {
    name: "reading-hour-back",
    without: "the hour does not go back within a group",
    edits: of("reading", "Math.max(subscription.hour, hour > now + aheadHours ? now : hour)", "hour > now + aheadHours ? now : hour"),
    tests,
  },
  {
    name: "reading-hour-ahead",
    without: "an hour far ahead of the device's clock is not believed",
    edits: of("reading", "hour > now + aheadHours ? now : hour", "hour"),
    tests,
  },
  {
    name: "reading-older-copy",
    without: "a store behind what its own seat acknowledged is let in again before it sends",
    edits: of("reading", "if (!seat.isOwn || ackedBefore !== undefined) await this.#trouble.behind(seat)", ""),
    tests,
  },
  {
    name: "reading-acked-before-rekey",
    without: "what was acknowledged before a seat was the device's own counts for nothing",
    edits: of("reading", "acked > Math.max(stored, ackedBefore ?? 0)", "acked > stored"),
    tests,
  },
  {
    name: "reading-rewound",
    without: "a head below what the device has is told",
    edits: of("reading", "    if (head < stored) await this.#trouble.rewound(seat)\n"),
    tests,
  },
  {
    name: "reading-acked-late",
    without: "what is stored is acknowledged at the next opening",
    edits: of("reading", "if (acked < stored) this.#send", "if (acked < 0) this.#send"),
    tests,
  },
  {
    name: "reading-join-first",
    without: "a device that is about to join begins with the commit that added it",
    edits: of("reading", 'if (!seat.joined && isFirst && item.type !== "join") {', "if (false) {"),
    tests,
  },
  {
    name: "reading-join-again",
    without: "a member is not made to join again",
    edits: of("reading", 'const record = joins || item.type !== "join" ? item :', "const record = joins || item ? item :"),
    tests,
  },
  {
    name: "reading-copied",
    without: "another copy of this device stops it",
    edits: of("reading", 'if (code === "seat_taken" && now.isOwn)', "if (code === undefined)"),
    tests,
  },
  {
    name: "reading-seat-lost",
    without: "a seat that the server does not know is told",
    edits: of("seat-trouble", '    else await this.#alarm(seat, { level: "warn", code: "seat_lost", text: readingTexts.seatLost })\n'),
    tests,
  },
  {
    name: "reading-queued",
    without: "what comes faster than it is taken in does not fill memory",
    edits: of("reading", "if (this.#queuedBytes <= queuedMaxBytes || this.#paused) return", "if (queuedMaxBytes > 0) return"),
    tests,
  },
  {
    name: "reading-alone",
    without: "reading shows no session while the account is well",
    edits: of("reading-connection", 'if (this.#status.status === "refused") await session.token()', "await session.token()"),
    tests: connection,
  },
  {
    name: "reading-pass-refused",
    without: "what the server did not accept for opening is not shown again",
    edits: of("reading-connection", "this.#parts.passes.refused(code)", "void code"),
    tests: connection,
  },
]
