// `delivery.db`: which file it is.

import type { DatabaseSchema } from "../../../sqlite/database.ts"

export const deliverySchema: DatabaseSchema = {
  url: new URL("../schema.sql", import.meta.url),
  version: 4,
  oldest: 4,
  /** "ndlv" */
  applicationId: 0x6e646c76,
}
