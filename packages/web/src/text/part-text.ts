// The words of the parts that the app and the operator's console share. They are read apart from the catalogue, so that the console does
// not load all of it.

import type { Catalogue } from "./catalogue.ts"
import { part } from "./en/part.ts"

export const partText: Catalogue["part"] = part
