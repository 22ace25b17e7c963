// The words that the worker needs, apart from the catalogue: the worker must not load all of it.

import type { Catalogue } from "./catalogue.ts"
import { host } from "./en/host.ts"

export const hostText: Catalogue["host"] = host
