// Seats in groups, and introductions to them.

import type { Mutation } from "./mutation.ts"

const group = "packages/client/src/group"
const seats = [`${group}/seat/seat-check.test.ts`]
const evidence = [`${group}/evidence/commit-evidence.test.ts`]
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
        text: "return device !== undefined && isSignedBy(crypto, opened, device.signatureKey) && !(await trust.hasEnded(opened.adderAccount))",
        replacement: "return device !== undefined && !(await trust.hasEnded(opened.adderAccount))",
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
        text: "if (await isUnheard(readerOf(transactions.database), opened.adderAccount)) return await this.#drop()",
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
  {
    name: "commit-signed-by-seat",
    without: "a commit is signed by the seat it names, as it was delivered",
    edits: [
      {
        file: `${group}/evidence/commit-fault.ts`,
        text: 'if (!signer || !isSigned(env, state, { details, publicKey: signer.publicKey })) return { status: "unsigned" }',
        replacement: 'if (!signer) return { status: "unsigned" }',
      },
    ],
    tests: evidence,
  },
  {
    name: "commit-of-own-seat",
    without: "the seat that signed a commit is that of the leaf which made it",
    edits: [
      {
        file: `${group}/evidence/commit-fault.ts`,
        text: 'if (signer.leafIndex !== staged.committer) return { status: "ground", code: "other_seat" }',
        replacement: "",
      },
    ],
    tests: evidence,
  },
  {
    name: "commit-adds-as-told",
    without: "the seats that the server adds are those that the members are told",
    edits: [{ file: `${group}/evidence/commit-fault.ts`, text: 'if (!sameAdds) return "adds"', replacement: "void sameAdds" }],
    tests: evidence,
  },
  {
    name: "commit-removes-as-told",
    without: "the seats that the server removes are those of the removed leaves",
    edits: [
      {
        file: `${group}/evidence/commit-fault.ts`,
        text: 'if (!sameBytes(removed, details.removes)) return "removes"',
        replacement: "void removed",
      },
    ],
    tests: evidence,
  },
  {
    name: "commit-next-key",
    without: "the next delivery key is that of the next epoch",
    edits: [
      {
        file: `${group}/evidence/commit-fault.ts`,
        text: 'return equal(env.crypto.sha256(next), details.nextKeyHash) ? undefined : "next_key"',
        replacement: "return void next",
      },
    ],
    tests: evidence,
  },
  {
    name: "commit-accuses-nobody-alone",
    without: "what one receiver alone may see accuses nobody",
    edits: [
      {
        file: `${group}/evidence/commit-fault.ts`,
        text: 'return code === "own_message" ? own : alone.has(code)',
        replacement: "return own && alone.size === 0",
      },
    ],
    tests: evidence,
  },
  {
    name: "evidence-of-its-group",
    without: "evidence is about the group that it names",
    edits: [
      {
        file: `${group}/evidence/commit-evidence.ts`,
        text: 'if (!equal(groupId, group.state.groupId)) return { status: "unproven" }',
        replacement: "void groupId",
      },
    ],
    tests: evidence,
  },
  {
    name: "rekey-before-it-counts",
    without: "the seat's new secret counts when the service has it",
    edits: [
      {
        file: "packages/client/src/sending/rekey.ts",
        text: 'if (sent?.type === "rekey") setSeatRekeyed(tx, { groupId, seat: sent.seat, n: sent.n })',
        replacement: "void sent",
      },
    ],
    tests: ["packages/client/src/sending/rekey.test.ts"],
  },
  {
    name: "seat-own-secret-once",
    without: "a device makes one secret for its seat, however often its first commit is built",
    edits: [
      {
        file: `${group}/commit/commit-builder.ts`,
        text: "return ownSeat.nextSecret ?? ownSeatSecret(crypto, signer, { groupId: state.groupId, seat: ownSeat.seat })",
        replacement: "return crypto.random(32)",
      },
    ],
    tests: [`${group}/commit/commit-builder.test.ts`],
  },
  {
    name: "seat-key-of-the-group",
    without: "a commit is signed with the key that the group knows the seat by",
    edits: [
      {
        file: `${group}/commit/commit-builder.ts`,
        text: "seat: { seat: ownSeat.seat, secret: secretInTree(group, env.crypto) },",
        replacement: "seat: { seat: ownSeat.seat, secret: secretInTree(group, env.crypto) && ownSeat.secret },",
      },
    ],
    tests: [`${group}/commit/commit-builder.test.ts`],
  },
  {
    name: "key-packages-know-seats",
    without: "a KeyPackage says that its device knows seats",
    edits: [{ file: `${group}/commit/claimed-devices.ts`, text: "    understandsSeats(keyPackage) &&\n", replacement: "" }],
    tests: [`${group}/commit/commit-builder.test.ts`],
  },
  {
    name: "added-again-after-a-day",
    without: "a device that has not taken its seat is added again after a day",
    edits: [
      {
        file: "packages/client/src/store/group/unattached.ts",
        text: "return !own && addedMs !== undefined && nowMs >= addedMs + hourMs + attachWithinMs",
        replacement: "return !own && addedMs !== undefined && nowMs >= addedMs",
      },
    ],
    tests: [`${group}/commit/commit-builder.test.ts`],
  },
  {
    name: "join-adder",
    without: "who signed the GroupInfo is who made the introduction",
    edits: [
      {
        file: `${group}/join/joining.ts`,
        text: 'if (introduced && (!equal(signer.accountId, introduced.adderAccount) || !equal(signer.deviceId, introduced.adderDevice)))\n      throw new CodecError("invalid_value", "adder of the introduction")',
        replacement: "void signer",
      },
    ],
    tests: [`${group}/join/joining.test.ts`],
  },
  {
    name: "join-delivery-key",
    without: "the delivery key that the server got is that of the group",
    edits: [
      {
        file: `${group}/join/joining.ts`,
        text: "if (!equal(env.crypto.sha256(deliveryKey(env, join(env, staged).state)), record.nextKeyHash))",
        replacement: "if (record.order < 0)",
      },
    ],
    tests: [`${group}/join/joining.test.ts`],
  },
  {
    name: "join-own-seat",
    without: "the seat of the introduction is the own leaf's",
    edits: [
      {
        file: `${group}/join/joining.ts`,
        text: "if (!seats || !ownSeat || !equal(ownSeat.seat, pending.seat) || !equal(ownSeat.publicKey, seatOf(env.crypto, pending.secret).publicKey))",
        replacement: "if (!seats)",
      },
    ],
    tests: [`${group}/join/joining.test.ts`],
  },
]
