// What the running program holds in memory and on no disk. No test can read it from outside; it is listed so that the list is whole.

import { type InventoryEntry, entriesOf } from "./entry.ts"

export const memory: readonly InventoryEntry[] = entriesOf("memory ", "operator", {
  sessions: ["routing", "hour", "which device is signed in, and the hash of its token"],
  "who was here in these four weeks": [
    "routing",
    "four_weeks",
    "accounts and their IP addresses, written for all at once when the four weeks are over",
  ],
  "who drew tokens today": ["operational", "day", "one batch a day for each device; no token"],
  "one-time KeyPackages": ["operational", "used", "public keys, each given out once; a row on the disk would tell when"],
  "introductions that wait": [
    "ciphertext",
    "introduction",
    "for which device, sealed for it alone; a row on the disk would tell when somebody was added",
  ],
  "requests to be let in again": [
    "ciphertext",
    "message_days",
    "for which seat, sealed for the members of its conversation; rows on the disk would tell which seats ask on one day",
  ],
  "how far each seat has read": ["routing", "process", "on the disk it would tell on which days a device came"],
  "open streams": ["routing", "process", "which seats are read over which connection, and its address, while it lasts"],
  "budgets of passes": ["operational", "day", "how much was posted and stored with a pass; nothing says whose it is"],
  "meeting places of devices that are linked": [
    "ciphertext",
    "minutes",
    "sealed messages under random numbers, for five minutes at most; nothing says whose",
  ],
  rates: ["operational", "process", "how much came from an address lately; nothing says what"],
})
