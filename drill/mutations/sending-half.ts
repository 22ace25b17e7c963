// The sending side of a device: what it believes of a posting stream, of tokens and passes, and of what others say about time.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"

export const sendingHalfMutations: readonly Mutation[] = [
  {
    name: "written-time-early",
    without: "a sender's time before the server's hour moves a message by five minutes at most",
    edits: [{ file: `${client}/core/written-time.ts`, text: "Math.max(claimedMs, fromMs)", replacement: "claimedMs" }],
    tests: ["packages/client/src/core/written-time.test.ts"],
  },
  {
    name: "written-time-late",
    without: "a sender's time after the server's hour moves a message by five minutes at most",
    edits: [
      {
        file: `${client}/core/written-time.ts`,
        text: "Math.min(Math.max(claimedMs, fromMs), untilMs)",
        replacement: "Math.max(claimedMs, fromMs)",
      },
    ],
    tests: ["packages/client/src/core/written-time.test.ts"],
  },
  {
    name: "receipts-delayed",
    without: "receipts go out some time after what they answer, at random",
    edits: [{ file: `${client}/sending/receipt-timing.ts`, text: "inMs: this.#delayMs()", replacement: "inMs: 0" }],
    tests: ["packages/client/src/sending/receipt-timing.test.ts"],
  },
]
