// `docs/disclosure.md`: the inventory in plain words, for a judge, a journalist or a user. Run this file to rewrite it.

import { writeFileSync } from "node:fs"
import process from "node:process"
import { markdownTable } from "../core/markdown-table.ts"
import { type DataClass, type InventoryEntry, retentions } from "./entry.ts"
import { inventory, inventoryHash } from "./inventory.ts"

export const disclosurePageUrl: URL = new URL("../../../../docs/disclosure.md", import.meta.url)

export function disclosurePage(): string {
  return [
    "# What the operator holds, and what can be handed over\n",
    "This page is made from the server's closed inventory (`packages/server/src/inventory/inventory.ts`). A test compares the inventory with the databases, the log, the metrics, the files and the",
    "answers of a real server, in both directions. Anything that is not listed makes the test fail.\n",
    `Inventory: \`${inventoryHash()}\` (SHA-256)\n`,
    "## What is handed over on a lawful request\n",
    "For an account that the request names, after two people on the operator's side approved it:\n",
    markdownTable(
      ["what", "how long it is kept", "where"],
      inventory.filter(({ exported }) => exported !== "no").map((entry) => [said(entry), retentions[entry.retention], code(entry.place)]),
    ),
    "\n`retention.ip_days` is 7 unless the operator sets a number from 0 to 90. With 0, no address is ever written. `retention.mailbox_days` is 30 unless set from 1 to 365.",
    "`retention.inactive_days` is 365 unless set from 30 to 3650, or to 0 for never. An account that nobody uses for that long is erased, as if the operator had erased it. The handle, the account id, the",
    "two dates and the signed device lists of such an account stay, so that nobody can take over the name and the public log stays complete. Name, e-mail, IP addresses, devices and everything that waited",
    "for them are overwritten. The database may leave copies in unused parts of its file. They go when the file is rewritten: once a day, and within an hour after an account was erased.\n",
    "The name of the account holder is what the person typed. Nobody checks it. People can get the same record about themselves, made by the same code. They are told in their app about every request",
    "that named them, when its case ends or after a gag, unless the people who decide say no. The public notice then says so.\n",
    "Anybody who receives such an archive can check it with `nodoor export --verify FILE`, without an account. The command checks that the file is signed, complete and made from this list; that the server",
    "names the key in public; that its public log states this list's hash; and, once a gag has ended, that the notice of the case names exactly this file ([transparency](transparency.md#lawful-requests)).\n",
    "[One request](a-request.md), from receipt to public notice, with the commands that check every line.\n",
    "## What does not exist\n",
    "- **Messages, files, names of groups, profiles and pictures in readable form.** They are end-to-end encrypted (MLS, RFC 9420) on the devices. The keys never reach this server, and no column exists for",
    "  them.",
    "- **A way to get them.** A device can join an account only with a signature by a device that is already in it, and every change is in a public log that the account's own devices watch",
    "  ([transparency](transparency.md)). A request for content, or for a way to get it, is answered with a statement of why it can't be done, and recorded as refused.",
    "- **Message history.** A ciphertext is erased when the last device has fetched it.",
    "- **Address books, telephone numbers, locations, cookies, advertising or device identifiers.** They are neither asked for nor stored.",
    "- **Who sent a message.** Messages are posted without signing in, under a key that all members share.\n",
    "## What else somebody with access to the machine can see\n",
    "Delivery needs to know where messages go. The desk does not hand this over, because it is not a record about the holder of an account. But it is on the disk and in memory, and somebody with access",
    "to the machine can read it: which devices share a conversation, how many messages wait where and since when, and who blocks whom. While the server runs, its operator can also see which addresses",
    "are connected at that moment and how large the ciphertexts are. A backup contains what was here when it was made, for as long as the operator keeps it: ciphertexts as ciphertexts, names and IP",
    "addresses as they were ([operating](operating.md#backups)).\n",
    markdownTable(
      ["what", "how long", "where"],
      inventory.filter(({ class: c }) => c === "routing").map((entry) => [entry.reason, retentions[entry.retention], code(entry.place)]),
    ),
    "\n## Ciphertext\n",
    rows("ciphertext"),
    "\n## The server's own data\n",
    "Settings, counters, public keys, the public log, and the contents of answers and metrics. None of it says what people write to each other.\n",
    rows("operational"),
    "",
  ].join("\n")
}

function said({ reason, exported }: InventoryEntry): string {
  return exported === "count" ? "how many devices the account has, and nothing else about them" : reason
}

function rows(dataClass: DataClass): string {
  return markdownTable(
    ["what", "how long", "where"],
    inventory.filter((entry) => entry.class === dataClass).map((entry) => [entry.reason, retentions[entry.retention], code(entry.place)]),
  )
}

function code(place: string): string {
  return `\`${place}\``
}

if (import.meta.main && process.argv[1] !== undefined) writeFileSync(disclosurePageUrl, disclosurePage())
