// Requests to be let in again, as the delivery service takes them.

import type { Mutation } from "../mutation.ts"

const service = "packages/server/src/delivery"
const posts = `${service}/hostile-posts.test.ts`
const requests = `${service}/log/rejoins.test.ts`

type Check = readonly [name: string, without: string, file: string, text: string, replacement: string, test: string]

const checks: readonly Check[] = [
  [
    "half-rejoin-signature",
    "a request to be let in again is signed by its seat",
    "log/rejoin.ts",
    "if (!serverCrypto.verifyEd25519({ publicKey: seat.publicKey, message, signature: item.signature }))",
    "if (false)",
    posts,
  ],
  [
    "half-rejoin-seat",
    "only a seat of the group asks to be let in again",
    "log/rejoin.ts",
    "seat === undefined || seat.endOrder !== Infinity",
    "seat === undefined",
    posts,
  ],
  [
    "half-rejoin-future",
    "a request to be let in again names an epoch that has begun",
    "log/rejoin.ts",
    'if (epoch > state.epoch) return poster.refused(ref, "epoch_future", { epoch: state.epoch })',
    "",
    posts,
  ],
  [
    "half-rejoin-hour",
    "a seat asks to be let in again once an hour",
    "log/rejoin.ts",
    "waitMs > 0 && waitMs <= limits.rejoinMs",
    "waitMs > limits.rejoinMs",
    posts,
  ],
  [
    "half-rejoin-count",
    "a group holds so many requests and no more",
    "log/rejoins.ts",
    ">= limits.rejoinsPerGroup",
    "> limits.rejoinsPerGroup",
    posts,
  ],
  [
    "half-rejoin-count-in-all",
    "all groups together hold so many requests and no more",
    "log/rejoins.ts",
    "if (this.#count <= this.#max || name === groupName) return",
    "if (this.#count >= 0 || name === groupName) return",
    requests,
  ],
  [
    "half-rejoin-age",
    "what nobody answered goes after as long as a message",
    "delivery-half.ts",
    "rejoins.deleteBefore(nowMs - options.messageDays * 86_400_000)",
    "rejoins.deleteBefore(0)",
    posts,
  ],
  [
    "half-rejoin-not-yet-there",
    "a seat whose addition is not on disk yet asks nobody",
    "log/rejoin.ts",
    "if (group.isIdle) return settle(true)",
    "settle(true); return",
    posts,
  ],
  [
    "half-rejoin-own",
    "who asks does not get its own request, and who left gets none",
    "stream/subscription.ts",
    "|| this.endOrder !== Infinity || nameOf(seat) === this.seatName) return\n    channel.write",
    ") return\n    channel.write",
    posts,
  ],
]

export const rejoinHalfMutations: readonly Mutation[] = checks.map(([name, without, file, text, replacement, test]) => ({
  name,
  without,
  edits: [{ file: `${service}/${file}`, text, replacement }],
  tests: [test],
}))
