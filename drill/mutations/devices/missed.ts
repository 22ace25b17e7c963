// Messages that a device missed: whom it believes, and whom it tells what.

import type { Mutation } from "../mutation.ts"

const client = "packages/client/src"
const judgement = `${client}/missed/judgement.ts`
const judged = [`${client}/missed/judgement.test.ts`]
const taking = `${client}/missed/taking.ts`
const answering = `${client}/missed/answering.ts`
const ranges = `${client}/store/missed/ranges.ts`
const ranged = [`${client}/store/missed/ranges.test.ts`]
const hostile = ["sim/hostile-member/missed-messages.test.ts"]
const honest = ["sim/missed-messages.test.ts"]

type Check = readonly [name: string, without: string, file: string, text: string, replacement: string, tests: readonly string[]]

const checks: readonly Check[] = [
  [
    "author",
    "somebody sends again only what they wrote",
    judgement,
    'if (!isOwn && (message.kind === "event" || !equal(message.accountId, accountId)))',
    'if (!isOwn && message.kind === "event")',
    judged,
  ],
  ["line", "a line about what happened comes from an own device only", judgement, 'message.kind === "event" || !equal(', "!equal(", judged],
  ["place", "only what was asked for is taken", judgement, "|| !isIn(missed.ranges, order)", "", judged],
  ["group", "an answer is about the group that was asked about", judgement, "|| !equal(message.groupId, missed.groupId)", "", judged],
  [
    "id",
    "an id that the chat has stays what it is",
    judgement,
    'if (present.has(toHex(message.messageId))) return refused("id_taken")',
    "",
    judged,
  ],
  [
    "order",
    "a place has one message",
    judgement,
    'kind === "content" || kind === "deleted")) return refused("order_taken")',
    'kind === "")) return refused("order_taken")',
    judged,
  ],
  [
    "time",
    "a message was written when its place was",
    judgement,
    "if (claimedMs < fromMs - slackMs || claimedMs > untilMs + slackMs) return undefined",
    "",
    judged,
  ],
  [
    "time-kept",
    "a time is kept within the hour of its place",
    judgement,
    "return Math.min(Math.max(claimedMs, fromMs), untilMs)",
    "return claimedMs",
    judged,
  ],
  [
    "parts",
    "others send again only what people write",
    judgement,
    "isOwn ? message.parts : partsOf(message.parts)",
    "message.parts",
    judged,
  ],
  [
    "heard",
    "others tell of their message and not of what was said of it",
    judgement,
    "isOwn ? {} : { reactions: [], receipts: [], epoch: undefined }",
    "{}",
    judged,
  ],
  ["ranges", "ranges are in order and apart", ranges, "|| from > to || from <= before", "", ranged],
  [
    "then",
    "nobody is told what was written while they were out",
    answering,
    "if (!isOwn && !(await mayRead(tx, found, accountId))) continue",
    "",
    hostile,
  ],
  [
    "accepted",
    "nobody is answered in a chat that is not accepted",
    answering,
    'if (chat.state !== "active" || contact?.changeMs !== undefined) return',
    "if (contact?.changeMs !== undefined) return",
    hostile,
  ],
  [
    "changed",
    "nobody is answered whose identity changed",
    answering,
    'if (chat.state !== "active" || contact?.changeMs !== undefined) return',
    'if (chat.state !== "active") return',
    hostile,
  ],
  ["often", "nobody is answered without end", answering, ">= askedPerHour", "> 1_000", hostile],
  ["once", "a request is answered once", answering, "|| (await isResent(tx, requestId))", "", hostile],
  [
    "whole",
    "what others have not said is not over",
    taking,
    "whole: answered.has(toHex(own.accountId)) || (othersHave && ownIsHere)",
    "whole: answered.size > 0",
    hostile,
  ],
  [
    "told",
    "a chat says what is missing",
    `${client}/missed/missed-messages.ts`,
    "if (!isTold && (allAnswered || leftMs(answerMs) <= 0))",
    "if (false as boolean)",
    honest,
  ],
]

export const missedMutations: readonly Mutation[] = checks.map(([name, without, file, text, replacement, tests]) => ({
  name: `missed-${name}`,
  without,
  edits: [{ file, text, replacement }],
  tests,
}))
