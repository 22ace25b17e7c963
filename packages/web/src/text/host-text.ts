// The words that the worker needs. They are read apart from the catalogue, so that the worker does not load all of it.

import type { Catalogue } from "./catalogue.ts"
import { host } from "./en/host.ts"

export const hostText: Catalogue["host"] = host
