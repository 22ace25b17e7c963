// A device and its own store.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const olderCopyTests = ["sim/older-copy.test.ts"]

export const deviceMutations: readonly Mutation[] = [
  {
    name: "older-copy-server",
    without: "a store that is behind what the server says the device acknowledged is an older copy",
    edits: [{ file: `${client}/mailbox.ts`, text: "if (frame.acked > this.#cursor) return", replacement: "if (false) return" }],
    tests: olderCopyTests,
  },
  {
    name: "older-copy-read",
    without: "the same when the mailbox is read without a stream",
    edits: [{ file: `${client}/mailbox.ts`, text: 'if (acked > this.#cursor) throw new OlderCopy("server")', replacement: "" }],
    tests: ["packages/client/src/mailbox.test.ts"],
  },
  {
    name: "older-copy-signature",
    without: "a message that this device signed and its store does not know makes it an older copy",
    edits: [
      {
        file: `${client}/intake.ts`,
        text: 'if (error.code === "own_message" && isOfLaterSelf(',
        replacement: 'if (error.code === "never" && isOfLaterSelf(',
      },
    ],
    tests: olderCopyTests,
  },
  {
    name: "older-copy-forged",
    without: "only this device's own signature shows that it sent a message later",
    edits: [
      {
        file: "packages/mls/src/later-self.ts",
        text: "verifyContent(suite, openContent(suite, sealed, senderData, taken), group.context.encoded, own.signatureKey)",
        replacement: "openContent(suite, sealed, senderData, taken)",
      },
    ],
    tests: ["packages/mls/src/later-self.test.ts"],
  },
  {
    name: "older-copy-for-good",
    without: "what a signature proved stands after a restart, whatever the server says",
    edits: [{ file: `${client}/mailbox.ts`, text: 'if (older === "signature") return', replacement: "if (false) return" }],
    tests: olderCopyTests,
  },
  {
    name: "older-copy-sends",
    without: "nothing is written with an older copy",
    edits: [
      {
        file: `${client}/device.ts`,
        text: 'if (status.status === "refused" && status.code === olderCopyCode)',
        replacement: "if (false)",
      },
    ],
    tests: olderCopyTests,
  },
]
