// Archives: what a reader refuses of a file, a server or a bucket, and what an import leaves alone.

import type { Mutation } from "../mutation.ts"

const archive = "packages/client/src/archive"

function of(
  name: string,
  without: string,
  {
    file,
    text,
    replacement = "",
    test,
  }: { readonly file: string; readonly text: string; readonly replacement?: string; readonly test: string },
): Mutation {
  return {
    name: `archive-${name}`,
    without,
    edits: [{ file: `${archive}/${file}.ts`, text, replacement }],
    tests: [`${archive}/${test}.test.ts`],
  }
}

const format = "format/archive-format"
const taking = "import-archive"

export const archiveMutations: readonly Mutation[] = [
  of("version", "an archive of a newer version is refused", {
    file: "format/header",
    text: `  if (version > archiveVersion) throw archiveError("archive_newer")\n`,
    test: format,
  }),
  of("key-check", "an archive opens under one key only", {
    file: "format/header",
    text: '!equal(check, derived(crypto, { key: archiveKey, archiveId, use: "check" }))',
    replacement: "check.length === 0",
    test: format,
  }),
  of("head-bound", "chunks belong to their head", {
    file: "format/header",
    text: "hash: crypto.sha256(bytes)",
    replacement: "hash: crypto.sha256(bytes.subarray(0, 16))",
    test: "format/chunk-stream",
  }),
  of("record-order", "records stand in their order", {
    file: "format/archive-reader",
    text: `next < place || (place === 0) !== (record.type === "account")`,
    replacement: "next < 0",
    test: format,
  }),
  of("end-counts", "the end says how many records there are", {
    file: "format/archive-reader",
    text: "record.records !== count || record.messages !== messages",
    replacement: "record.records === 0",
    test: format,
  }),
  of("padding", "padding is zeros", {
    file: "format/archive-reader",
    text: `      if (zeros.some((byte) => byte !== 0)) throw archiveError("archive_damaged")\n`,
    replacement: "      if (zeros.length === 0) break\n",
    test: format,
  }),
  of("length-form", "a length has its shortest form and a limit", {
    file: "format/archive-reader",
    text: `  if (length < shortest || length > recordMaxBytes) throw archiveError("archive_damaged")\n`,
    replacement: "  if (shortest < 0) return 0\n",
    test: format,
  }),
  of("foreign", "an archive of another account is refused", {
    file: "import-archive",
    text: "!equal(account.accountId, own.accountId) || account.origin !== own.origin",
    replacement: '!equal(account.accountId, account.accountId) || own.origin === ""',
    test: taking,
  }),
  of("older", "a backup that is older than a known one is refused", {
    file: "import-archive",
    text: "newestMs > first.madeAtMs",
    replacement: "newestMs < 0",
    test: taking,
  }),
  of("own-changes", "only who wrote a message has changed it before it came", {
    file: "message-writing",
    text: "changes.find(({ accountId }) => equal(accountId, message.accountId))",
    replacement: "changes.at(0)",
    test: taking,
  }),
  of("deleted-for-me", "what the person deleted elsewhere does not come back", {
    file: "message-writing",
    text: "      if (deleted) continue\n",
    test: taking,
  }),
  of("chosen", "only messages of the chosen chats are taken in", {
    file: "import-archive",
    text: " && head.isChosen(record.chat)",
    test: "import-chosen",
  }),
  of("chosen-groups", "a chat that was not chosen brings nothing", {
    file: "import-head",
    text: "    if (this.#chosen?.has(toHex(record.chatId)) === false) return void this.chats.push(undefined)\n",
    test: "import-chosen",
  }),
  of("chosen-again", "an archive of which some chats were taken in gives the others later", {
    file: "import-archive",
    text: "before?.done === true && isCovered",
    replacement: "before?.done === true",
    test: "import-chosen",
  }),
  of("chosen-from", "other chats are taken in from the beginning", {
    file: "import-archive",
    text: "isCovered ? before.nextAt : 0",
    replacement: "before?.nextAt ?? 0",
    test: "import-chosen",
  }),
  of("chosen-known", "a chosen chat that the archive does not have is refused", {
    file: "import-archive",
    text: "  head.checkChosen()\n",
    test: "import-chosen",
  }),
  of("early-receipt-own", "a receipt counts for an own message only", {
    file: "message-writing",
    text: "return message.isSent ? { ...message, receipts: [...message.receipts, ...early] } : message",
    replacement: "return { ...message, receipts: [...message.receipts, ...early] }",
    test: "early-receipts",
  }),
  {
    name: "archive-early-receipts-bounded",
    without: "receipts for what is not here are bounded",
    edits: [
      {
        file: "packages/client/src/store/archive/early-receipts.ts",
        text: "OFFSET ${receiptsMax}",
        replacement: "OFFSET ${1_000 * receiptsMax}",
      },
    ],
    tests: [`${archive}/early-receipts.test.ts`],
  },
  {
    name: "archive-early-receipts-small-groups",
    without: "receipts are kept where receipts are sent",
    edits: [
      {
        file: "packages/client/src/content/receipt.ts",
        text: " && (await accountsOf(tx, groupId)).size <= receiptAccountsMax",
        replacement: "",
      },
    ],
    tests: [`${archive}/early-receipts.test.ts`],
  },
  {
    name: "archive-early-gone",
    without: "edits that were kept for an archive go with their chat",
    edits: [{ file: "packages/client/src/chat/delete-chat.ts", text: "    deleteEarlyChangesOfChat(tx, chatId)\n", replacement: "" }],
    tests: [`${archive}/deleted-chat.test.ts`],
  },
  of("ids", "a message names what the archive has", {
    file: "import-messages",
    text: `    if (id?.length !== sizeBytes) throw archiveError("archive_damaged")\n`,
    replacement: "    if (id === undefined) return new Uint8Array(sizeBytes)\n",
    test: taking,
  }),
  of("states", "a state counts if its account signed it", {
    file: "import-head",
    text: "      if (!(error instanceof KeylogError)) throw error\n      this.#skipped = id\n",
    replacement:
      '      if (!(error instanceof KeylogError)) throw error\n      tx.write("INSERT INTO account_state VALUES (?, 0, ?)", id, signed)\n',
    test: taking,
  }),
  of("link-seats", "an archive for a linked device has no seat", {
    file: "write-archive",
    text: `purpose.for === "backup" ? await findOwnSeat(reader, groupId) : undefined`,
    replacement: "await findOwnSeat(reader, groupId)",
    test: taking,
  }),
  of("index-sealed", "an index that the account's key did not seal is refused", {
    file: "backup/server-backups",
    text: `    if (!opened) throw archiveError("archive_damaged")\n`,
    replacement: "    if (!opened) return []\n",
    test: "backup/server-backups",
  }),
  of("bucket-encrypted", "a bucket is reached over an encrypted connection", {
    file: "bucket/bucket",
    text: `(url.protocol === "https:" || (url.protocol === "http:" && isLocal))`,
    replacement: `(url.protocol === "https:" || url.protocol === "http:" || isLocal)`,
    test: "bucket/bucket",
  }),
  {
    name: "archive-page-escaped",
    without: "names and texts of others are escaped on an exported page",
    edits: [{ file: "packages/cli/src/command/export-page.ts", text: `.replaceAll("<", "&lt;")`, replacement: "" }],
    tests: ["packages/cli/src/command/export-page.test.ts"],
  },
  {
    name: "archive-page-direction",
    without: "characters that turn the direction of text are made visible on an exported page",
    edits: [
      { file: "packages/cli/src/command/export-page.ts", text: "return escaped(visible(text))", replacement: "return escaped(text)" },
    ],
    tests: ["packages/cli/src/command/export-page.test.ts"],
  },
]
