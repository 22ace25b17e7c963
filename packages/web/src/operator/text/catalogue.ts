// The words of the console in the language it speaks. The app has its own: neither page loads the other's.

import * as en from "./en.ts"

export type Catalogue = typeof en

export const t: Catalogue = en
