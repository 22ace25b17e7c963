// `docs/disclosure.md`: the inventory in plain words, for a judge, a journalist or a user. Run this file to write it anew.

import { writeFileSync } from "node:fs"
import process from "node:process"
import { markdownTable } from "../core/markdown-table.ts"
import { type DataClass, type InventoryEntry, retentions } from "./entry.ts"
import { inventory, inventoryHash } from "./inventory.ts"

export const disclosurePageUrl: URL = new URL("../../../../docs/disclosure.md", import.meta.url)

export function disclosurePage(): string {
  return [
    "# What the operator holds, and what can be handed over\n",
    "Made from the server's closed inventory (`packages/server/src/inventory/inventory.ts`). A test compares the inventory with the databases, the log, the metrics, the files and the answers",
    "of a real server, both ways: what is not listed fails it.\n",
    `Inventory: \`${inventoryHash()}\` (SHA-256)\n`,
    "## What is handed over on a lawful request\n",
    "For an account that the request names, after a second person of the operator's approved it:\n",
    markdownTable(
      ["what", "for how long it exists", "where"],
      inventory.filter(({ exported }) => exported !== "no").map((entry) => [said(entry), retentions[entry.retention], code(entry.place)]),
    ),
    "\n`retention.ip_days` is 7 unless the operator sets another number from 0 to 90; at 0 no address is ever written. `retention.mailbox_days` is 30 unless set from 1 to 365.",
    "`retention.inactive_days` is 365 unless set from 30 to 3650, or to 0 for never: an account that nobody uses for so long is erased, as if the operator had done it. Of an account erased so the",
    "handle, the account id, the two dates and the signed device lists stay, so that nobody takes the name over and the public log stays whole; name, e-mail, IP addresses, devices and whatever",
    "waited for them are overwritten. Copies that the database left in unused parts of its file go when it is written anew: once a day, and within the hour after an account was erased.",
    "The account holder's name is what the person typed; nobody checks it. The person gets the same record about themselves, from the same code; and is told in their app of every request that",
    "named them, when its case ends or after a gag, unless those who decide say no, which the public notice then states.\n",
    "Whoever is given such an archive checks it with `nodoor export --verify FILE`, without an account: that the file is signed, whole and of this list; that the server names the key in public; that",
    "its public log states this list's hash; and, once a gag has ended, that the notice of the case names exactly this file ([transparency](transparency.md#lawful-requests)).\n",
    "[One request](a-request.md), from receipt to public notice, with the commands that check every line.\n",
    "## What does not exist\n",
    "- **Messages, files, names of groups, profiles and pictures in a form that can be read.** They are end-to-end encrypted (MLS, RFC 9420) on the devices; the keys never reach this",
    "  server, and there is no column for them.",
    "- **A way to get them.** A device joins an account only with a signature by one that is in it already, and every change stands in a public log that the account's own devices watch",
    "  ([transparency](transparency.md)). A request for content, or for the means to get it, is answered with a statement of why it cannot be done, and recorded as refused.",
    "- **Message history.** A ciphertext is erased when the last device has fetched it.",
    "- **Address books, telephone numbers, locations, cookies, advertising or device identifiers.** None is asked for or stored.",
    "- **Who sent a message.** Messages are posted without signing in, under a key that all members share.\n",
    "## What somebody who takes the machine finds besides\n",
    "Delivery needs to know where messages go. The desk does not hand this over, because it is no record about the holder of an account; but it is on the disk and in memory, and whoever has the",
    "machine can read it: which devices share a conversation, how many messages wait where and since when, who blocks whom. While the server runs, its operator can also see which addresses are",
    "connected at that moment and how large the ciphertexts are. And a backup holds what stood here when it was made, for as long as the operator keeps it: ciphertexts as ciphertexts, names and IP",
    "addresses as they were ([operating](operating.md#backups)). Said here so that nobody has to find it out.\n",
    markdownTable(
      ["what", "for how long", "where"],
      inventory.filter(({ class: c }) => c === "routing").map((entry) => [entry.reason, retentions[entry.retention], code(entry.place)]),
    ),
    "\n## Ciphertext\n",
    rows("ciphertext"),
    "\n## The server's own\n",
    "Settings, counters, public keys, the public log, and what answers and metrics hold. None of it is about what anybody says to anybody.\n",
    rows("operational"),
    "",
  ].join("\n")
}

function said({ reason, exported }: InventoryEntry): string {
  return exported === "count" ? "how many devices the account has; nothing else of them" : reason
}

function rows(dataClass: DataClass): string {
  return markdownTable(
    ["what", "for how long", "where"],
    inventory.filter((entry) => entry.class === dataClass).map((entry) => [entry.reason, retentions[entry.retention], code(entry.place)]),
  )
}

function code(place: string): string {
  return `\`${place}\``
}

if (import.meta.main && process.argv[1] !== undefined) writeFileSync(disclosurePageUrl, disclosurePage())
