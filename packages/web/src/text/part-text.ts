// The words of what the app and the operator's console share, apart from the catalogue: the console must not load all of it.

import type { Catalogue } from "./catalogue.ts"
import { part } from "./en/part.ts"

export const partText: Catalogue["part"] = part
