// The words of the app in the language it speaks. A translation is `text/de.ts`, typed `Catalogue` when it is chosen here.

import * as en from "./en.ts"

export type Catalogue = typeof en

/** `t.chat.composer.send`: a sentence, or a function from what varies in it to the sentence. */
export const t: Catalogue = en
