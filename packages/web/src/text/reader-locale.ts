import { partText } from "./part-text.ts"

/**
 * The first of a browser's languages that is a language tag (BCP 47); the catalogue's own when none is. Some builds report what their system calls its
 * locale ("en-US@posix", "C"), and `Intl` throws at those.
 */
export function readerLocale(languages: readonly string[]): string {
  return languages.find(isTag) ?? partText.locale
}

function isTag(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length === 1
  } catch {
    return false
  }
}
