// The closed inventory: everything this server holds, shows or writes. A column, file, log field, metric, label, header or cookie
// that is not here fails the tests; `docs/disclosure.md` is made from it.

import { toHex, toUtf8 } from "@nodoor/bytes"
import { sha256 } from "../core/crypto.ts"
import { deliveryDatabase } from "./delivery-database.ts"
import { deskDatabase } from "./desk-database.ts"
import type { InventoryEntry } from "./entry.ts"
import { logDatabase } from "./log-database.ts"
import { accountsDatabase } from "./accounts-database.ts"
import { memory } from "./memory.ts"
import { surfaces } from "./surfaces.ts"

export const inventory: readonly InventoryEntry[] = [
  ...accountsDatabase,
  ...deliveryDatabase,
  ...logDatabase,
  ...deskDatabase,
  ...surfaces,
  ...memory,
].toSorted((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0))

/** One spelling: a JSON array in the order of the places, keys in alphabetical order, UTF-8. */
export function inventoryJson(): Uint8Array {
  return toUtf8(
    JSON.stringify(
      inventory.map(({ place, class: dataClass, whose, retention, exported, reason }) => ({
        class: dataClass,
        exported,
        place,
        reason,
        retention,
        whose,
      })),
    ),
  )
}

/** SHA-256 of `inventoryJson`, hexadecimal. */
export function inventoryHash(): string {
  return toHex(sha256(inventoryJson()))
}
