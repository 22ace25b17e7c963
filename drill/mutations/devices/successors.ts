// A group in which a broken one goes on (docs/protocol.md, "Successor groups").

import type { Mutation } from "../mutation.ts"

const client = "packages/client/src"
const unit = [`${client}/group/successor/successor-check.test.ts`]

function check(name: string, without: string, text: string, replacement = ""): Mutation {
  return { name, without, edits: [{ file: `${client}/group/successor/successor-check.ts`, text, replacement }], tests: unit }
}

function succession(name: string, without: string, text: string, replacement = ""): Mutation {
  return { name, without, edits: [{ file: `${client}/group/successor/succession.ts`, text, replacement }], tests: unit }
}

export const successorMutations: readonly Mutation[] = [
  check(
    "successor-past",
    "a successor names what this device found",
    " || !samePredecessors(succession.predecessors, founding.predecessors)",
  ),
  check("successor-maker", "who made a successor was in the group and did not break it", "rank >= 0 &&\n    "),
  check("successor-first-leaf", "who lets this device into a successor made it", "signer.leafIndex === 0 &&\n    "),
  check(
    "successor-strangers",
    "a successor brings nobody new",
    "leaves.every(({ accountId }) => accounts.has(toHex(accountId))) &&\n    ",
    "accounts.size > 0 &&\n    ",
  ),
  check(
    "successor-policy",
    "a successor has the policy of the last good epoch",
    "equal(encodePolicy(policy), encodePolicy(policyAfterRemovals(succession.policy, leaves)))",
    "policy.kind === succession.policy.kind",
  ),
  check("successor-later-admin", "a successor that has changed is vouched for by an admin", "isAdmin && "),
  check("successor-later-kind", "a successor is a group of the same kind", " && policy.kind === succession.policy.kind"),
  check(
    "successor-unseen",
    "who has found nothing wrong does not follow",
    'if (!broken) return { status: "unseen", group }',
    'if (!broken) return { status: "other" }',
  ),
  check("successor-between", "every group between is followed", 'if (of !== last) return { status: "unseen", group }'),
  check(
    "successor-word",
    "only an admin's word is taken for what this device could not read",
    'vouched && (policy.kind === "self" || rankOfLater(succession, founding) === undefined)',
    'vouched && policy.kind === "self"',
  ),
  check("successor-word-behind", "it is taken also by a device that missed others before", "epoch <= last.epoch", "epoch === last.epoch"),
  check("successor-word-commit", "it is taken only about the very commit", " || !(await hasBody(tx, groupId, commitHash))"),
  succession("successor-of-two", "a chat of two ends when one of the two is out", ' || (policy.kind === "dm" && accounts.size < 2)'),
  succession("successors-end", "a group that is broken again and again stops", " || predecessors.length >= predecessorsMax"),
  succession(
    "successor-siblings-last",
    "devices of the account that broke the group make the next one last",
    "equal(accountId, breaker.accountId) ? 2 : ",
  ),
  {
    name: "successor-false",
    without: "a group that only says that it follows is not joined",
    edits: [
      {
        file: `${client}/group/join/joining.ts`,
        text: 'if (following.status === "wrong") return',
        replacement: 'if (following.status === ("never" as string) && following.status === "wrong") return',
      },
    ],
    tests: ["sim/successor/comes-back.test.ts"],
  },
  {
    name: "successor-late-words",
    without: "what the wrecker says in the old group is not heard",
    edits: [{ file: `${client}/receiving/body.ts`, text: " || processed.sender.leafIndex === broken.leafIndex", replacement: "" }],
    tests: ["sim/successor/comes-back.test.ts"],
  },
  {
    name: "successor-shut-out-claims",
    without: "a device that broke the group is left out where its account is added",
    edits: [
      { file: `${client}/group/commit/claimed-devices.ts`, text: "if (isShutOut(predecessors, claim)) {", replacement: "if (false) {" },
    ],
    tests: ["sim/successor/two-people.test.ts"],
  },
  {
    name: "successor-own-devices",
    without: "own devices that broke a group are not added to those that follow",
    edits: [
      {
        file: `${client}/store/group/own-groups.ts`,
        text: "AND (g.predecessors IS NULL OR instr(g.predecessors, ?) = 0)",
        replacement: "AND ? IS NOT NULL",
      },
    ],
    tests: [`${client}/store/group/own-groups.test.ts`],
  },
  {
    name: "successor-self-refused",
    without: "an own device that broke the group of the own devices opens no other one",
    edits: [
      {
        file: `${client}/group/join/joining.ts`,
        text: 'if (await hasBrokenSelfGroup(tx, leaf)) return await this.#refuse(tx, "shut_out_device", refused)',
        replacement: "await hasBrokenSelfGroup(tx, leaf)",
      },
    ],
    tests: ["sim/successor/own-devices.test.ts"],
  },
  {
    name: "successor-self-waits",
    without: "nobody makes another group of the own devices while a broken one goes on",
    edits: [
      {
        file: `${client}/group/own-devices/own-devices.ts`,
        text: "if (await isSelfGroupBroken(reader)) return { againInMs: soonMs }",
        replacement: "await isSelfGroupBroken(reader)",
      },
    ],
    tests: ["sim/successor/own-devices.test.ts"],
  },
  {
    name: "successor-one",
    without: "of two successors all come to the same one",
    edits: [{ file: `${client}/group/successor/moving.ts`, text: " || (present && !isBefore(arriving, present))", replacement: "" }],
    tests: ["sim/successor/creators.test.ts"],
  },
  {
    name: "successor-messages-move",
    without: "what waits to be sent goes along",
    edits: [
      {
        file: `${client}/group/successor/moving.ts`,
        text: "  moveOutbox(tx, { from: group.groupId, to: arriving.groupId })\n",
        replacement: "",
      },
    ],
    tests: ["sim/successor/goes-on.test.ts"],
  },
]
