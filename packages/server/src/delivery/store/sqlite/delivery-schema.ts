// `delivery.db`: which file it is.

import type { DatabaseSchema } from "../../../sqlite/database.ts"

export const deliverySchema: DatabaseSchema = {
  url: new URL("../schema.sql", import.meta.url),
  version: 2,
  /** "ndlv" */
  applicationId: 0x6e646c76,
  upgrades: { 2: new URL("../upgrade-2.sql", import.meta.url) },
}
