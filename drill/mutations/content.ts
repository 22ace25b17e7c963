// What a member says inside a message: edits, deletions, reactions, receipts, profiles, and who may say anything.

import type { Edit, Mutation } from "./mutation.ts"

const client = "packages/client/src"
const hostile = ["sim/hostile-member/content.test.ts"]

const intake = (text: string, replacement = ""): readonly Edit[] => [{ file: `${client}/content/content-intake.ts`, text, replacement }]
const of = (file: string, text: string, replacement = ""): readonly Edit[] => [{ file: `${client}/${file}.ts`, text, replacement }]
const payload = (text: string, replacement = ""): readonly Edit[] => [{ file: `${client}/content/payload/payload.ts`, text, replacement }]

export const contentMutations: readonly Mutation[] = [
  {
    name: "edit-by-author",
    without: "only the author edits and deletes a message",
    edits: intake("if (target && !equal(target.accountId, sender.accountId)) return\n"),
    tests: hostile,
  },
  {
    name: "edit-event",
    without: "a line of history is nobody's to edit or delete",
    edits: intake('if (target?.kind === "event") return\n'),
    tests: hostile,
  },
  {
    name: "edit-deleted",
    without: "a deleted message takes no other words",
    edits: of("content/edit", "if (target.hasText) await", "await"),
    tests: hostile,
  },
  {
    name: "forwarded-is-yes",
    without: "that a message was passed on is yes or nothing",
    edits: payload('if (value !== true) throw new CodecError("invalid_value", "forwarded")\n'),
    tests: [`${client}/content/payload/payload.test.ts`],
  },
  {
    name: "mention-form",
    without: "a mention names an account by its id",
    edits: of("text/mention", "([0-9a-f]{32})\\)/y", "([0-9a-fA-F]+)\\)/y"),
    tests: [`${client}/text/mention.test.ts`],
  },
  {
    name: "mention-direction",
    without: "a mention does not turn its line",
    edits: of("text/mention", '.replaceAll(/\\p{Bidi_Control}/gu, "")'),
    tests: [`${client}/text/mention.test.ts`],
  },
  {
    name: "mention-of-the-reader",
    without: "a mention counts for the account that it names",
    edits: of("view/chat-list", "instr(u.mentions, lower(hex(${ownAccount}))) > 0", "u.mentions IS NOT NULL"),
    tests: hostile,
  },
  {
    name: "mention-bound",
    without: "so many mentions count",
    edits: of("text/mentioned", " && found.size < mentionsMax"),
    tests: [`${client}/text/mention.test.ts`],
  },
  {
    name: "reaction-by-author",
    without: "a reaction is taken back by the account that made it",
    edits: of(
      "store/chat/reactions",
      'const carried = "chat_id = ? AND message_id = ? AND account_id = ?"',
      'const carried = "chat_id = ? AND message_id = ? AND ? IS NOT NULL"',
    ),
    tests: hostile,
  },
  {
    name: "reaction-size",
    without: "a reaction has at most 64 bytes",
    edits: of("content/reaction", "if (toUtf8(emoji).length > textLimits.emojiBytes) return false"),
    tests: hostile,
  },
  {
    name: "reaction-one-emoji",
    without: "a reaction is one character",
    edits: of("content/reaction", "countGraphemes(emoji, 1) === 1 && "),
    tests: hostile,
  },
  {
    name: "reaction-is-a-picture",
    without: "a reaction is a picture",
    edits: of("content/reaction", "isPicture.test(emoji) && "),
    tests: hostile,
  },
  {
    name: "reaction-nothing-more",
    without: "a reaction has no letters, no marks and nothing that turns a line",
    edits: of("content/reaction", " && !hasMore.test(emoji)"),
    tests: hostile,
  },
  {
    name: "reaction-count",
    without: "an account has at most 16 reactions to a message",
    edits: of(
      "content/reaction",
      "if ((await countReactions(tx, { chatId, targetId, accountId })) >= textLimits.reactionsPerAccount) return\n",
    ),
    tests: hostile,
  },
  {
    name: "receipt-own-message",
    without: "a receipt is taken for messages of the own account only",
    edits: of(
      "store/chat/receipts",
      "WHERE EXISTS (SELECT 1 FROM message WHERE chat_id = ? AND message_id = ? AND account_id = ?)",
      "WHERE ? IS NOT NULL AND ? IS NOT NULL AND ? IS NOT NULL",
    ),
    tests: hostile,
  },
  {
    name: "receipt-rises",
    without: "a receipt's status only rises",
    edits: of("store/chat/receipts", " WHERE excluded.status > status`", "`"),
    tests: hostile,
  },
  {
    name: "receipt-values",
    without: "a receipt says delivered or read",
    edits: of("content/receipt", ".filter(isReceipt)"),
    tests: hostile,
  },
  {
    name: "receipt-cap",
    without: "a report has at most 1,000 receipts",
    edits: [
      {
        file: `${client}/content/mimi/status-report.ts`,
        text: 'if (value.length > maxStatusEntries) throw new CodecError("oversized", "status report")\n',
        replacement: "",
      },
    ],
    tests: hostile,
  },
  {
    name: "receipt-status-range",
    without: "a status of a report is one that is defined",
    edits: [
      {
        file: `${client}/content/mimi/status-report.ts`,
        text: ' || !Number.isInteger(status) || status < 0 || status > 6) throw new CodecError("invalid_value", "status")',
        replacement: ') throw new CodecError("invalid_value", "status")',
      },
    ],
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
  {
    name: "receipt-message-id",
    without: "a report names messages by ids of 32 bytes",
    edits: [{ file: `${client}/content/mimi/status-report.ts`, text: " || messageId.length !== messageIdBytes", replacement: "" }],
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
  {
    name: "posting-rule",
    without: "where only admins write, nobody else is heard",
    edits: intake(
      'if (!accepted?.isSilent && group.policy.rules.post === "admins" && roleOf(group.policy, sender.accountId) !== "admin") return\n',
    ),
    tests: hostile,
  },
  {
    name: "blocked-sender",
    without: "a blocked account is not heard",
    edits: intake("if (!chat || contact?.blocked) return", "if (!chat) return"),
    tests: hostile,
  },
  {
    name: "content-sender",
    without: "content names the sender that MLS authenticated",
    edits: payload(
      'if (content.extensions.get(1) !== uris.senderUri) throw new CodecError("invalid_value", "senderUri is not the sender")\n',
    ),
    tests: hostile,
  },
  {
    name: "content-room",
    without: "content names the group that it was encrypted in",
    edits: payload("content.extensions.get(2) === urisOf({ ...author, groupId: id }).roomUri", "id === author.groupId"),
    tests: hostile,
  },
  {
    name: "content-malformed",
    without: "content that cannot be decoded costs its own message only",
    edits: intake("if (!(error instanceof CodecError)) throw error\n", "throw error\n"),
    tests: hostile,
  },
  {
    name: "content-seen-shape",
    without: "a claim about the history has two parts",
    edits: payload(
      ' || value.length !== 2) throw new CodecError("invalid_value", "seen")',
      ') throw new CodecError("invalid_value", "seen")',
    ),
    tests: [...hostile, `${client}/content/payload/payload.test.ts`],
  },
  {
    name: "content-seen-order",
    without: "a claim about the history names an order",
    edits: payload(" || order < 0"),
    tests: hostile,
  },
  {
    name: "content-seen-chain",
    without: "a claim about the history has a chain of 32 bytes",
    edits: payload(" || chain.length !== 32"),
    tests: hostile,
  },
  {
    name: "content-once",
    without: "the same content twice is one message",
    edits: [
      {
        file: `${client}/store/chat/messages.ts`,
        text: "if (await isStored(tx, message)) return false\n",
        replacement: "",
      },
    ],
    tests: hostile,
  },
  {
    name: "content-send-id",
    without: "a message to which its sender gave the same id is the same message",
    edits: of("store/chat/messages", "OR (send_id = ? AND account_id = ? AND chat_id = ?)", "OR (? AND ? AND ? AND 0)"),
    tests: hostile,
  },
  {
    name: "content-send-id-sender",
    without: "the id that another account gave a message says nothing",
    edits: of("store/chat/messages", "OR (send_id = ? AND account_id = ? AND", "OR (send_id = ? AND ? IS NOT NULL AND"),
    tests: hostile,
  },
  {
    name: "parts-erased",
    without: "nothing of a message that was deleted stays",
    edits: of(
      "store/chat/messages",
      "deleteParts(tx, { chatId, messageId })\n  deleteReactionsTo(tx, chatId, messageId)",
      "deleteReactionsTo(tx, chatId, messageId)",
    ),
    tests: [`${client}/store/chat/messages.test.ts`],
  },
  {
    name: "parts-discarded",
    without: "nothing of a message that was discarded stays",
    edits: of("store/chat/messages", 'deleteParts(tx, { chatId, messageId })\n  tx.write("DELETE', 'tx.write("DELETE'),
    tests: [`${client}/store/chat/messages.test.ts`],
  },
  {
    name: "parts-of-chat",
    without: "nothing of the messages of a chat that was deleted stays",
    edits: of("store/chat/messages", "deletePartsOfChat(tx, chatId)\n"),
    tests: [`${client}/store/chat/messages.test.ts`],
  },
  {
    name: "content-unknown-change",
    without: "what would change a message in an unknown way changes nothing",
    edits: intake("if (!accepted && replaces) return\n"),
    tests: hostile,
  },
  {
    name: "content-padding",
    without: "what is encrypted has the one padded size of its content",
    edits: [
      {
        file: `${client}/content/payload/padme.ts`,
        text: 'if (padded.length !== padmeSize(framedBytes)) throw new CodecError("non_canonical", "padded size")\n',
        replacement: "",
      },
    ],
    tests: [`${client}/content/payload/padme.test.ts`],
  },
  {
    name: "content-padding-zeros",
    without: "padding is zeros",
    edits: [
      {
        file: `${client}/content/payload/padme.ts`,
        text: 'if (r.raw(r.remainingBytes).some((byte) => byte !== 0)) throw new CodecError("non_canonical", "padding")\n',
        replacement: "r.raw(r.remainingBytes)\n",
      },
    ],
    tests: [`${client}/content/payload/padme.test.ts`],
  },
  {
    name: "profile-name",
    without: "a profile's name is not empty",
    edits: of("content/profile", 'name !== "" && '),
    tests: hostile,
  },
  {
    name: "profile-length",
    without: "a profile's name has at most 64 characters",
    edits: of("content/profile", " && !isTooLong(name, textLimits.nameCharacters)"),
    tests: hostile,
  },
  {
    name: "profile-control",
    without: "a profile's name has no control characters",
    edits: of("content/profile", " || /\\p{Cc}/u.test(sent)"),
    tests: hostile,
  },
  {
    name: "unseen-name",
    without: "a name that shows nothing is empty",
    edits: [
      { file: "packages/wire/src/shown-text.ts", text: 'if (!text.isWellFormed() || showsNothing(text)) return ""', replacement: "" },
    ],
    tests: ["packages/wire/src/shown-text.test.ts", ...hostile],
  },
  {
    name: "unseen-message",
    without: "a message of which nothing can be seen is not shown as one",
    edits: of(
      "content/text",
      'showsNothing(markdown) ? unsupportedContent("empty") : textContent(markdown, arrival)',
      "textContent(markdown, arrival)",
    ),
    tests: hostile,
  },
  {
    name: "unseen-edit",
    without: "no edit takes a message out of sight",
    edits: of("content/edit", "if (showsNothing(markdown) || !replaces) return", "if (!replaces) return"),
    tests: hostile,
  },
  {
    name: "unseen-compose",
    without: "nothing that shows nothing is sent",
    edits: of("content/text", "if (showsNothing(markdown)) throw", "if (false) throw"),
    tests: hostile,
  },
  {
    name: "own-words",
    without: "a name that is a word of ours, or holds a handle, stands with its own handle",
    edits: [
      {
        file: `${client}/trust/name/called.ts`,
        text: "imitatesUs(name) || isLikeAnothers()",
        replacement: "(void imitatesUs, isLikeAnothers())",
      },
    ],
    tests: hostile,
  },
  {
    name: "lookalikes",
    without: "letters of other scripts that look the same count as the same",
    edits: [{ file: "packages/wire/src/shown-text.ts", text: "lookalikes.get(letter) ?? letter", replacement: "letter" }],
    tests: ["packages/wire/src/shown-text.test.ts"],
  },
]
