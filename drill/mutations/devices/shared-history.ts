// What new members of a group may be told of what was written before they came.

import type { Edit, Mutation } from "../mutation.ts"

const client = "packages/client/src"
const told = ["sim/hostile-member/shared-history.test.ts"]
const honest = ["sim/shared-history.test.ts"]
const of = (file: string, text: string, replacement = ""): readonly Edit[] => [{ file: `${client}/${file}.ts`, text, replacement }]
const shared = (text: string, replacement: string): readonly Edit[] => of("content/shared-history", text, replacement)

export const sharedHistoryMutations: readonly Mutation[] = [
  {
    name: "earlier-by-adder",
    without: "only who let somebody in tells them of what was before",
    edits: shared("!isOwn && !(await wereAddedBy(tx, group.groupId, { accounts, adder: sender.accountId }))", "false"),
    tests: told,
  },
  {
    name: "earlier-by-policy",
    without: "a group that shares nothing shows nothing",
    edits: shared('group.policy.kind !== "group" || !group.policy.history', 'group.policy.kind !== "group"'),
    tests: [...told, ...honest],
  },
  {
    name: "earlier-in-all",
    without: "a member tells of so many messages in all",
    edits: shared("if (out.length >= room) break\n", ""),
    tests: told,
  },
  {
    name: "earlier-in-the-future",
    without: "what was before was not written later",
    edits: shared("message.timeMs > timeMs || ", ""),
    tests: told,
  },
  {
    name: "earlier-of-blocked",
    without: "nothing comes from whom the reader blocked, by whatever way",
    edits: shared(" || (await findContact(tx, message.accountId))?.blocked) continue", ") continue"),
    tests: told,
  },
  {
    name: "earlier-in-a-post",
    without: "a post tells of so many messages, and counts them right",
    edits: shared("messages.length > postMessages || count !== messages.length", "false"),
    tests: told,
  },
  {
    name: "earlier-ids",
    without: "messages and authors have ids",
    edits: shared(
      "!(messageId instanceof Uint8Array) || messageId.length !== messageIdBytes || !isAccountId(accountId)",
      "!(messageId instanceof Uint8Array) || !(accountId instanceof Uint8Array)",
    ),
    tests: told,
  },
  {
    name: "earlier-text",
    without: "a message that is told of has so many bytes",
    edits: shared(" || encodeCbor(markdown).length > messageBytes", ""),
    tests: told,
  },
  {
    name: "earlier-to-somebody",
    without: "it says for whom it is",
    edits: shared("to.length === 0 || ", ""),
    tests: told,
  },
  {
    name: "earlier-not-twice",
    without: "who was there before is not told again",
    edits: shared("if (!isForMe) return await arrival.tell(told)\n", ""),
    tests: [...told, ...honest],
  },
  {
    name: "earlier-amount",
    without: "a policy shares no more than 200 messages or 30 days",
    edits: of("core/policy", "count >= 1 && count <= historyLimits[unit]", "count >= 1"),
    tests: [`${client}/core/policy.test.ts`],
  },
  {
    name: "earlier-in-groups",
    without: "only a group shares what was before",
    edits: of("core/policy", 'if (history !== undefined && kind !== "group") throw invalid("history")\n'),
    tests: [`${client}/core/policy.test.ts`],
  },
]
