// What the devices of one account may tell each other, and where it shows.

import type { Edit, Mutation } from "../mutation.ts"

const client = "packages/client/src"
const of = (file: string, text: string, replacement = ""): readonly Edit[] => [{ file: `${client}/${file}.ts`, text, replacement }]

const sibling = ["sim/hostile-sibling.test.ts"]
const merge = [`${client}/sync/merge.test.ts`]
const marks = [`${client}/store/sync/marks.test.ts`]
const two = ["sim/sync.test.ts"]

export const syncMutations: readonly Mutation[] = [
  {
    name: "sync-in-self-group",
    without: "entries count in the group of the own devices only",
    edits: of("content/sync", 'group.policy.kind === "self" && encoded', "encoded"),
    tests: sibling,
  },
  {
    name: "sync-entries-in-a-post",
    without: "a post holds so many entries",
    edits: of("content/sync", "value.length > syncLimits.postEntries", "false"),
    tests: sibling,
  },
  {
    name: "sync-key-form",
    without: "a key has one form and length",
    edits: of("content/sync", "key.length > syncLimits.keyCharacters || !keyPattern.test(key)", "false"),
    tests: sibling,
  },
  {
    name: "sync-stamp-form",
    without: "times and counters are counts",
    edits: of("content/sync", "!isCount(ms) || !isCount(counter)", "false"),
    tests: sibling,
  },
  {
    name: "sync-device-form",
    without: "a stamp names a device",
    edits: of("content/sync", "deviceId.length !== idBytes", "false"),
    tests: sibling,
  },
  {
    name: "sync-marks-of-the-past",
    without: "nobody has read or deleted what comes later",
    edits: of("store/sync/marks", "&& placedFromMs(timeMs) <= mark.ms"),
    tests: marks,
  },
  {
    name: "sync-value-of-key",
    without: "a key has only values that it can have",
    edits: of("sync/merge", "!takes(rule, entry.value)", "false"),
    tests: merge,
  },
  {
    name: "sync-value-bytes",
    without: "a value has so many bytes",
    edits: of(
      "sync/rules",
      "encodeCbor(value).length <= (rule.maxBytes ?? syncLimits.valueBytes) && rule.takes(value)",
      "rule.takes(value)",
    ),
    tests: merge,
  },
  {
    name: "sync-folder-list",
    without: "the folders are so many names, each once",
    edits: of("sync/rules", "takes: isFolderList", "takes: () => true"),
    tests: sibling,
  },
  {
    name: "sync-muted-value",
    without: "a chat is muted, not muted, or muted until a time",
    edits: of("sync/rules", "takes: (value) => isFlag(value) || isOrder(value)", "takes: () => true"),
    tests: sibling,
  },
  {
    name: "sync-known-folder",
    without: "a malformed key under a known name is no new kind",
    edits: of("sync/rules", "known.test(key) ? undefined : other", "other"),
    tests: merge,
  },
  {
    name: "sync-time-ahead",
    without: "a stamp from the future is not believed",
    edits: of("sync/merge", "placedMs !== undefined && !isBelievable(entry.stamp, { placedMs, shared: present?.shared })", "false"),
    tests: [...merge, ...sibling],
  },
  {
    name: "sync-counter",
    without: "a counter is bounded",
    edits: of("sync/stamp", "stamp.counter <= counterMax && ", ""),
    tests: merge,
  },
  {
    name: "sync-own-clock",
    without: "a clock that was ahead is corrected before anything is told",
    edits: of("sync/stamp", "stamp.ms > serverNowMs + slackMs ? timeAfter(shared, serverNowMs) : stamp", "stamp"),
    tests: [...merge, ...two],
  },
  {
    name: "sync-greatest",
    without: "reading goes only forward",
    edits: of("sync/rules", 'merge === "greatest" && a.value !== b.value', "false"),
    tests: merge,
  },
  {
    name: "sync-equal-stamps",
    without: "equal stamps are decided alike everywhere",
    edits: of("sync/rules", " || compare(encodeCbor(a.value), encodeCbor(b.value))", ""),
    tests: merge,
  },
  {
    name: "sync-room",
    without: "a device keeps so many entries",
    edits: of("sync/merge", "!present && room <= 0", "false"),
    tests: merge,
  },
  {
    name: "sync-open-room",
    without: "few entries may wait for what is not here",
    edits: of("sync/merge", "!applied && !present?.open && openRoom <= 0", "false"),
    tests: merge,
  },
  {
    name: "sync-verified-genesis",
    without: "a verified mark is for one first state",
    edits: of("sync/apply", "if (mark && !equal(mark.genesis, account.genesisHash)) return true\n"),
    tests: sibling,
  },
  {
    name: "sync-verified-resets",
    without: "a verified mark is for one number of resets",
    edits: of("sync/apply", "if (mark && mark.resets !== account.state.resetCount) return mark.resets < account.state.resetCount\n"),
    tests: sibling,
  },
  {
    name: "sync-blocked-from-the-start",
    without: "who was blocked on another device is blocked when they first come",
    edits: of("store/sync/marks", "blocked = blocked OR ${isTrue} WHERE", "blocked = ${isTrue} = 2 WHERE"),
    tests: marks,
  },
  {
    name: "sync-deleted-stays",
    without: "what was deleted on another device does not come",
    edits: of("store/chat/messages", "if (marks.deleted) return false\n"),
    tests: marks,
  },
  {
    name: "sync-edit-of-deleted",
    without: "an edit does not bring back what was deleted for me",
    edits: of("content/edit", "if (!target && (await isDeletedForMe(tx, arrival.group.groupId, replaces))) return\n"),
    tests: two,
  },
  {
    name: "self-group-no-chat",
    without: "nothing can be done in the group of the own devices",
    edits: of("store/chat/chats", '!chat || chat.kind === "self"', "!chat"),
    tests: two,
  },
  {
    name: "self-group-unlisted",
    without: "the group of the own devices is in no list",
    edits: of("view/chat-list", "(SELECT * FROM chat WHERE kind != 'self') c", "chat c"),
    tests: [`${client}/view/views.test.ts`],
  },
  {
    name: "self-group-no-event",
    without: "the group of the own devices makes no event",
    edits: of("view/changed-events", "filter((id) => !own.has(id))", "filter(() => true)"),
    tests: two,
  },
]
