// Checks around seats, introductions and tokens without which an attack of the drill gains something, or goes unnoticed.

import type { Mutation } from "../mutation.ts"

const client = "packages/client/src"

function shown(
  name: string,
  without: string,
  fails: readonly string[],
  ...edits: readonly (readonly [string, string, string])[]
): Mutation {
  return { name, without, edits: edits.map(([file, text, replacement]) => ({ file, text, replacement })), fails }
}

export const attackMutations: readonly Mutation[] = [
  shown(
    "seats-at-random",
    "a seat's id is drawn at random",
    ["who-with-whom"],
    [
      `${client}/group/commit/commit-builder.ts`,
      "const seat = { seat: random(seatBytes), secret",
      // Of those who are added first only: the same seat twice in one group would be another fault.
      "const seat = { seat: leaves.length === 1 ? add.claim.deviceId : random(seatBytes), secret",
    ],
  ),
  shown(
    "unsigned-commit",
    "a commit is signed by the seat that it names",
    ["member-framed", "forged-add", "external-commit"],
    [
      `${client}/group/evidence/commit-fault.ts`,
      'if (!signer || !isSigned(env, state, { details, publicKey: signer.publicKey })) return { status: "unsigned" }',
      'if (!signer) return { status: "unsigned" }\n  void isSigned',
    ],
  ),
  shown(
    "removes-told",
    "the server ends the seats of those who are removed, and no others",
    ["insider-unremovable"],
    [`${client}/group/evidence/commit-fault.ts`, 'if (!sameBytes(removed, details.removes)) return "removes"', "void [removed, sameBytes]"],
  ),
  shown(
    "introduction-of-own-seat",
    "an introduction to a seat at which the device reads changes nothing",
    ["welcome-replayed"],
    [`${client}/group/join/introduction-intake.ts`, 'if (own && equal(own.seat, opened.seat)) return "dropped"', "void own"],
  ),
  shown(
    "seat-read-again",
    "what was read at a seat is not read again, and an invitation leads forward",
    ["welcome-replayed-after-leaving"],
    [`${client}/receiving/reading.ts`, "const isFirst = subscription.received === 0", 'const isFirst = item.type === "join"'],
    [
      `${client}/receiving/reading.ts`,
      "if (item.order <= subscription.received) {",
      "if (!isFirst && item.order <= subscription.received) {",
    ],
    [
      `${client}/group/join/joining.ts`,
      'if (known && mayBeAgain && opened.staged.epoch <= BigInt(known.epoch)) return await this.#refuse(tx, "old_epoch", { pending })',
      "",
    ],
  ),
  shown(
    "introduction-of-another",
    "an introduction is signed by the device that it names",
    ["introduction-foreign"],
    [
      `${client}/group/join/introduction-intake.ts`,
      "return device !== undefined && isSignedBy(crypto, opened, device.signatureKey) && !(await trust.hasEnded(opened.adderAccount))",
      "return device !== undefined && !(await trust.hasEnded(opened.adderAccount))",
    ],
    [
      `${client}/group/join/joining.ts`,
      "if (introduced && (!equal(signer.accountId, introduced.adderAccount) || !equal(signer.deviceId, introduced.adderDevice)))",
      "if (false as boolean)",
    ],
  ),
  shown(
    "token-key-of-the-log",
    "a key for tokens is the one that the log holds",
    ["token-key-of-ones-own"],
    [
      `${client}/trust/token/token-keys.ts`,
      'verifyTokenKey({ logged: found?.status === "tokenKey" ? found.keyId : undefined, given: keyId })',
      "void verifyTokenKey",
    ],
  ),
]
