// A device and its own store.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const olderCopyTests = ["sim/healing.test.ts"]

export const deviceMutations: readonly Mutation[] = [
  {
    name: "restored-place-ends",
    without: "what was dropped at a place from an archive does not hide that it ends",
    edits: [{ file: `${client}/receiving/reading.ts`, text: "    if (subscription.isOnlyAsked) return\n", replacement: "" }],
    tests: [`${client}/receiving/reading.test.ts`, "sim/recovery.test.ts"],
  },
  {
    name: "older-copy-server",
    without: "a store that is behind what the server says the device acknowledged is let in again",
    edits: [
      {
        file: `${client}/receiving/reading.ts`,
        text: "if (acked > Math.max(stored, ackedBefore ?? 0)) {",
        replacement: "if (acked < 0) {",
      },
    ],
    tests: [`${client}/receiving/reading.test.ts`],
  },
  {
    name: "older-copy-signature",
    without: "a message that this device signed and its store does not know has it let in again",
    edits: [
      {
        file: `${client}/receiving/body.ts`,
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
        file: "packages/mls/src/group/later-self.ts",
        text: "verifyContent(suite, openContent(suite, sealed, senderData, taken), group.context.encoded, own.signatureKey)",
        replacement: "openContent(suite, sealed, senderData, taken)",
      },
    ],
    tests: ["packages/mls/src/group/later-self.test.ts"],
  },
  {
    name: "older-copy-for-good",
    without: "a copy that another one has replaced stays out of use after a restart",
    edits: [{ file: `${client}/receiving/reading.ts`, text: "if (await isOlderCopy(", replacement: "if (false && await isOlderCopy(" }],
    tests: [`${client}/receiving/reading.test.ts`],
  },
  {
    name: "older-copy-replaced",
    without: "a copy whose place another one has taken finds that out",
    edits: [
      {
        file: `${client}/receiving/commit.ts`,
        text: "if (isReplacedByCopy(parts, { state, seats }, staged)) throw new OlderCopy()",
        replacement: "",
      },
    ],
    tests: olderCopyTests,
  },
  {
    name: "older-copy-sends",
    without: "nothing is written with an older copy",
    edits: [
      {
        file: `${client}/api/device.ts`,
        text: 'if (status.status === "refused" && status.code === olderCopyCode)',
        replacement: "if (false)",
      },
    ],
    tests: olderCopyTests,
  },
  {
    name: "store-failure-waits",
    without: "a record that the failing store did not take is neither kept as a fault nor passed over",
    edits: [
      {
        file: `${client}/receiving/batch-intake.ts`,
        text: "error instanceof StoreError || !isIntake) throw error",
        replacement: "!isIntake) throw error",
      },
    ],
    tests: ["packages/client/src/receiving/reading.test.ts"],
  },
  {
    name: "store-failure-retried",
    without: "a store that failed is tried again",
    edits: [
      {
        file: `${client}/receiving/reading-connection.ts`,
        text: 'this.#set({ status: "offline", retryAtMs, ...(trouble && { trouble }) })\n    this.#next("reconnect", delayMs)',
        replacement:
          'this.#set({ status: "offline", retryAtMs, ...(trouble && { trouble }) })\n    if (!trouble) this.#next("reconnect", delayMs)',
      },
    ],
    tests: ["packages/client/src/receiving/reading.test.ts"],
  },
  {
    name: "store-failure-read-back",
    without: "what was stored resolves, although reading it back fails for a moment",
    edits: [
      {
        file: `${client}/api/device.ts`,
        text: "if (isClosed() || !(error instanceof StoreError && error.passes)) throw error",
        replacement: "throw error",
      },
    ],
    tests: ["sim/failing-store.test.ts"],
  },
  {
    name: "store-damage",
    without: "a damaged store is not tried again",
    edits: [{ file: `${client}/core/store-error.ts`, text: 'return this.code !== "store_damaged"', replacement: "return true" }],
    tests: ["sim/failing-store.test.ts"],
  },
  {
    name: "send-once",
    without: "a message handed in again under its id is not written again",
    edits: [{ file: `${client}/chat/write.ts`, text: "if (before) return before.messageId", replacement: "" }],
    tests: ["sim/send-once.test.ts"],
  },
  {
    name: "send-other-chat",
    without: "an id names a message of one chat",
    edits: [
      {
        file: `${client}/chat/write.ts`,
        text: "if (before && !equal(before.chatId, chatId)) throw",
        replacement: "if (before && !equal(before.chatId, before.chatId)) throw",
      },
    ],
    tests: ["sim/send-once.test.ts"],
  },
  {
    name: "stored-whatever-listens",
    without: "what a listener or an effect throws does not reject what is stored",
    edits: [
      {
        file: `${client}/core/transaction.ts`,
        text: "effect()\n    } catch (error) {\n      this.#fault(error)\n",
        replacement: "effect()\n    } catch (error) {\n      throw error\n",
      },
    ],
    tests: ["packages/client/src/core/transaction.test.ts"],
  },
  {
    name: "status-newcomers",
    without: "who came later does not count for a message from before their time",
    edits: [
      { file: `${client}/store/group/membership.ts`, text: "AND from_epoch <= ? AND", replacement: "AND from_epoch <= ? + 1000000 AND" },
      { file: `${client}/view/delivery-status.ts`, text: "AND x.from_epoch <= COALESCE(m.epoch, 0)", replacement: "" },
    ],
    tests: ["sim/delivery-status.test.ts"],
  },
  {
    name: "status-removed",
    without: "who was removed later still counts for a message from their time, and for no later one",
    edits: [
      {
        file: `${client}/store/group/membership.ts`,
        text: "(until_order IS NULL OR until_order > ?)",
        replacement: "(until_order IS NULL OR ? < 0)",
      },
      {
        file: `${client}/view/delivery-status.ts`,
        text: "(x.until_order IS NULL OR x.until_order > m.ord)",
        replacement: "x.until_order IS NULL",
      },
    ],
    tests: ["sim/delivery-status.test.ts"],
  },
  {
    name: "status-membership-ends",
    without: "a membership ends with the commit that takes the account out",
    edits: [
      {
        file: `${client}/store/group/membership.ts`,
        text: "    if (!after.has(id))\n",
        replacement: '    if (!after.has(id) && id === "")\n',
      },
    ],
    tests: ["sim/delivery-status.test.ts"],
  },
  {
    name: "sent-time-future",
    without: "a message written after the server placed it is not believed",
    edits: [{ file: `${client}/view/sent-time.ts`, text: "claimedMs > placedMs + aheadMs", replacement: "false" }],
    tests: ["packages/client/src/view/sent-time.test.ts"],
  },
  {
    name: "sent-time-past",
    without: "a message written long before any mailbox could have held it is not believed",
    edits: [{ file: `${client}/view/sent-time.ts`, text: "claimedMs < placedMs - believedForMs", replacement: "false" }],
    tests: ["packages/client/src/view/sent-time.test.ts"],
  },
  {
    name: "sent-time-form",
    without: "a sender's time is a whole number of milliseconds, or the payload is refused",
    edits: [
      {
        file: `${client}/content/payload/payload.ts`,
        text: 'if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new CodecError("invalid_value", "sent")',
        replacement: 'if (typeof value !== "number") return undefined',
      },
    ],
    tests: ["packages/client/src/content/payload/payload.test.ts"],
  },
  {
    name: "name-characters",
    without: "a name has at most 64 characters as people count them",
    edits: [{ file: `${client}/core/text-limits.ts`, text: " || countGraphemes(name, maxCharacters) > maxCharacters", replacement: "" }],
    tests: ["packages/client/src/core/text-limits.test.ts"],
  },
  {
    name: "name-bytes",
    without: "a name is bounded in bytes as well",
    edits: [{ file: `${client}/core/text-limits.ts`, text: "toUtf8(name).length > limits.nameBytes || ", replacement: "" }],
    tests: ["packages/client/src/core/text-limits.test.ts"],
  },
  {
    name: "search-erased",
    without: "nothing of a deleted message stays in the index of words",
    edits: [{ file: `${client}/store/schema.ts`, text: "VALUES ('secure-delete', 1)`", replacement: "VALUES ('secure-delete', 0)`" }],
    tests: ["packages/client/src/store/chat/search.test.ts"],
  },
  {
    name: "deleted-reaction",
    without: "a message that was deleted takes no reaction",
    edits: [
      {
        file: `${client}/content/reaction.ts`,
        text: 'if ((await findMessage(tx, chatId, targetId))?.kind === "deleted") return\n',
        replacement: "",
      },
    ],
    tests: ["sim/hostile-member/content.test.ts"],
  },
  {
    name: "deleted-unread",
    without: "a message that was deleted is not unread",
    edits: [
      {
        file: `${client}/view/chat-list.ts`,
        text: "u.kind IN ('content', 'waiting')",
        replacement: "u.kind IN ('content', 'waiting', 'deleted')",
      },
    ],
    tests: ["sim/deletion.test.ts"],
  },
  {
    name: "draft-sent",
    without: "sending clears the draft",
    edits: [
      {
        file: `${client}/content/compose.ts`,
        text: 'setChatOptions(tx, chatId, { draft: "" })',
        replacement: "void setChatOptions",
      },
    ],
    tests: ["sim/send-once.test.ts"],
  },
  {
    name: "activity-order",
    without: "chats are ordered by when this device learned of things, not by clocks",
    edits: [
      {
        file: `${client}/view/chat-list.ts`,
        text: "ORDER BY c.pinned DESC, c.activity_order DESC",
        replacement: "ORDER BY c.pinned DESC, c.activity_ms DESC",
      },
    ],
    tests: ["sim/transparency/clocks.test.ts"],
  },
  {
    name: "queued-date",
    without: "what is queued is dated as the server will date it",
    edits: [
      {
        file: `${client}/content/compose.ts`,
        text: "const timeMs = session.serverNowMs",
        replacement: "const timeMs = session && clock.nowMs()",
      },
    ],
    tests: ["sim/transparency/clocks.test.ts"],
  },
]
