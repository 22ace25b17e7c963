// The delivery store in the calling thread, without segment files: for simulations, tools and tests.

import { type DatabaseOptions, openDatabase } from "../../../sqlite/database.ts"
import { emptyWriteAheadLog } from "../../../sqlite/traces.ts"
import type { DeliveryStore } from "../delivery-store.ts"
import { deliverySchema } from "./delivery-schema.ts"
import { storeFailure, tableOperations } from "./operations.ts"

/** Opens the file, or `:memory:`. @throws ServerError as `openDatabase` */
export function openInProcessDeliveryStore(path: string, options: Omit<DatabaseOptions, "schema"> = {}): DeliveryStore {
  const db = openDatabase(path, { ...options, schema: deliverySchema })
  const operations = tableOperations(db)
  const entries = Object.entries(operations).map(([name, operation]) => [
    name,
    async (input: never): Promise<unknown> => {
      try {
        return (operation as (input: never) => unknown)(input)
      } catch (error) {
        throw storeFailure(error)
      }
    },
  ])
  const close = async (): Promise<void> => {
    emptyWriteAheadLog(db)
    db.close()
  }
  return { ...Object.fromEntries(entries), close } as DeliveryStore
}
