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
    "## Why nobody can be made to say who talks to whom\n",
    "The server is two services in one program. They share no identifier, no file and no secret key.\n",
    "- The **account service** knows people: a handle, a name, an e-mail address if one was given, IP addresses, days, and public keys of devices. It knows of no conversation.",
    "- The **delivery service** knows conversations: a random number for each, a place in it for each device that takes part (a _seat_), and ciphertexts that wait. It knows of no person. A device has",
    "  another random seat, another key and another secret in each conversation. The members' devices make them, and tell them to each other in encrypted messages.\n",
    "To read and to write, a device doesn't sign in. It shows the secret of its seat, and a pass. It buys the pass with a token that the account service has signed without seeing it, as a stamp goes through",
    "carbon paper in a closed envelope (RFC 9474). Every device draws the same number of tokens each day, whether it needs them or not. So a token says that _somebody_ has an account here, and not who.\n",
    "Whoever takes the disk, or orders the operator to hand over everything, gets a list of people and a list of conversations. Nothing in either says which belong together, and a court can't order what",
    "doesn't exist. That also holds for the operator: nobody here can look it up.\n",
    "**Check it yourself.** The tables below list every column and file of both services, and a test compares them with a real server. `npm run jointest` plays thirty days on this program with made-up",
    "people, copies everything that it keeps each night, reads its metrics every quarter of an hour, lets half of the people tell what they know, and tries to match the other half with their seats. Beside it play",
    "somebody who has only the two lists of every night, which devices each account has and which seats each conversation has, and somebody who guesses. The test fails if everything together tells more than the lists.\n",
    "**What the lists of every night tell.** No column says when a seat came, but whoever has a copy of every night knows. Where one person registers on a day and one conversation begins, they may belong together.",
    "Whoever links a second device gets a seat in each of their conversations on that day, and a device whose store was put back gets new ones. The fewer people a server has, the more coincidence tells.",
    "On 20 made-up servers of 10 people guessing finds the right account of 24 % of the seats, the lists find it of 42 %, and everything together of 43 %; of the seats of devices linked in the thirty days 74 and 78 %. On 20 servers of 100 people it is 2, 18 and 18 %, and 51 and 52 %.",
    "Of the pairs of seats of one device guessing finds 15 % among 10 people and 2 % among 100, the lists find 26 and 13 %, and so does everything together.",
    "A backup lies in the delivery service under random names, and a copy of the next night shows that it is new: then it is from somebody who was here on that day, and the account service notes in which four weeks somebody was.\n",
    "**What daily use adds.** Real devices bring new keys into each of their conversations on every day on which they are open, so conversations of one device change on the same days. The test plays that with `--renewals`:",
    "on four servers of 24 people 13.7 % of the pairs of seats of one device were found so, where somebody who knows when conversations began, and not when each seat came, found 12.0 %. It didn't help to match seats",
    "with accounts. What it adds to the lists of every night isn't measured yet.\n",
    "**What this doesn't cover.** A server whose program was changed in secret can watch connections while they are open, and guess from addresses and moments. The [threat model](threat-model.md) says",
    "how, and what helps. People in a conversation know who is in it, and can tell.\n",
    "This page is made from the server's closed inventory (`packages/server/src/inventory/inventory.ts`). A test compares the inventory with the databases, the log, the metrics, the files and the",
    "answers of a real server, in both directions. Anything that is not listed makes the test fail.\n",
    `Inventory: \`${inventoryHash()}\` (SHA-256)\n`,
    "## What is handed over on a lawful request\n",
    "For an account that the request names, after two people on the operator's side approved it:\n",
    markdownTable(
      ["what", "how long it is kept", "where"],
      inventory.filter(({ exported }) => exported !== "no").map((entry) => [said(entry), retentions[entry.retention], code(entry.place)]),
    ),
    "\n`retention.ip_days` is 7 unless the operator sets a number from 0 to 90. With 0, no address is ever written. `retention.message_days` is 30 unless set from 1 to 365; the day ends before anything of it goes, so that it may be there for a day longer.",
    "`retention.inactive_days` is 365 unless set from 30 to 3650, or to 0 for never. An account that nobody uses for that long is erased, up to eight weeks later, as if the operator had erased it. The handle, the account id, the",
    "two dates and the signed device lists of such an account stay, so that nobody can take over the name and the public log stays complete. Name, e-mail, IP addresses and devices are overwritten.",
    "Messages that wait in conversations are kept for their retention, because nothing says whose they are. The database may leave copies in unused parts of its file. They go when the file is rewritten: once a day, and within an hour after an account was erased.\n",
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
    "- **Contacts, members of groups, who talks to whom, who blocks whom.** As above: no row leads from an account or a device to a conversation. Whom somebody blocks is known to their own devices.",
    "- **Address books, telephone numbers, locations, cookies, advertising or device identifiers.** They are neither asked for nor stored.",
    "- **Who sent a message.** Messages are posted without signing in, under a key that all members share.\n",
    "## What else somebody with access to the machine can see\n",
    "The account service needs to know which devices an account has. The delivery service needs to know which conversations there are, how many seats they have, how much waits there since which day, and how large the stored backups are.",
    "The desk does not hand this over, because it is not a record about the holder of an account. Somebody who compares copies of many nights sees which conversations were used on which day, and which",
    "have been waiting for a reader.",
    "While the server runs, its operator can also see which addresses",
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
