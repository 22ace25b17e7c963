// Seats in groups, and introductions to them.

import type { Mutation } from "./mutation.ts"

const group = "packages/client/src/group"
const seats = [`${group}/seat/seat-check.test.ts`]
const introductions = [`${group}/join/introduction.test.ts`]

export const seatMutations: readonly Mutation[] = [
  {
    name: "seat-per-add",
    without: "seats of a commit are those of its adds, in their order (S1)",
    edits: [
      {
        file: `${group}/seat/seat-check.ts`,
        text: "return fits && seats.every(({ ref }, i) => equal(ref, addedRefs[i] ?? new Uint8Array())) ? seats : undefined",
        replacement: "return fits || seats.length > 0 ? seats : undefined",
      },
    ],
    tests: seats,
  },
  {
    name: "seat-without-add",
    without: "a commit that adds nobody gives no seats (S1)",
    edits: [
      {
        file: `${group}/seat/seat-check.ts`,
        text: "if (added.length === 0) return privateUse.length === 0 ? [] : undefined",
        replacement: "if (added.length === 0) return []",
      },
    ],
    tests: seats,
  },
  {
    name: "seat-twice",
    without: "a seat stands in a group once (S2)",
    edits: [
      {
        file: `${group}/seat/seat-check.ts`,
        text: 'if (taken.has(toHex(seat))) return { status: "broken", rule: "S2" }',
        replacement: "",
      },
    ],
    tests: seats,
  },
  {
    name: "seat-of-another-leaf",
    without: "a leaf names its own seat only (S3)",
    edits: [
      {
        file: `${group}/seat/seat-check.ts`,
        text: "return equal(named.seat, seat.seat) ? { ...seat, publicKey: named.publicKey, own: true } : undefined",
        replacement: "return { ...seat, publicKey: named.publicKey, own: true }",
      },
    ],
    tests: seats,
  },
  {
    name: "seat-given-back",
    without: "a leaf goes on naming its seat (S3)",
    edits: [
      {
        file: `${group}/seat/seat-check.ts`,
        text: "if (named === undefined) return seat.own ? undefined : seat",
        replacement: "if (named === undefined) return seat",
      },
    ],
    tests: seats,
  },
  {
    name: "seat-key-with-first-path",
    without: "the first path of a device brings a key of its own for its seat (S4)",
    edits: [
      {
        file: `${group}/seat/seat-check.ts`,
        text: 'if (after.leafIndex === staged.committer && !changed.own) return { status: "broken", rule: "S4" }',
        replacement: "",
      },
    ],
    tests: seats,
  },
  {
    name: "seats-of-a-join",
    without: "the list of seats that a joiner gets says what the leaves say",
    edits: [
      {
        file: `${group}/seat/seat-check.ts`,
        text: "return named === undefined || (equal(named.seat, seat.seat) && equal(named.publicKey, seat.publicKey))",
        replacement: "return true",
      },
    ],
    tests: seats,
  },
  {
    name: "introduction-signature",
    without: "a device that the account lists made the introduction",
    edits: [
      {
        file: `${group}/join/introduction-intake.ts`,
        text: "if (device && isSignedBy(crypto, opened, device.signatureKey) && !(await trust.hasEnded(adderAccount))) return undefined",
        replacement: "if (device && !(await trust.hasEnded(adderAccount))) return undefined",
      },
    ],
    tests: introductions,
  },
  {
    name: "introduction-of-the-blocked",
    without: "nobody is asked about an introduction of somebody who is blocked",
    edits: [
      {
        file: `${group}/join/introduction-intake.ts`,
        text: "if ((await findContact(readerOf(transactions.database), opened.adderAccount))?.blocked) return await this.#drop()",
        replacement: "",
      },
    ],
    tests: introductions,
  },
  {
    name: "introduction-binds-secrets",
    without: "an introduction's signature covers the group secrets",
    edits: [
      {
        file: `${group}/join/introduction.ts`,
        text: "return concat(signatureLabel, ref, groupId, seat, sha256(secret), sha256(secrets), adderAccount, adderDevice)",
        replacement: "return concat(signatureLabel, ref, groupId, seat, sha256(secret), adderAccount, adderDevice)",
      },
    ],
    tests: introductions,
  },
]
