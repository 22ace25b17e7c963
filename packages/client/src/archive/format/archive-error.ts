// What is wrong with an archive, as the error that a person interface gets. An archive that is refused has changed nothing.

import { ClientError } from "../../core/client-error.ts"
import { archiveTexts } from "../../texts/en.ts"

export type ArchiveErrorCode = keyof typeof archiveTexts.refused

export function archiveError(code: ArchiveErrorCode, cause?: unknown): ClientError {
  return new ClientError(code, archiveTexts.refused[code], { cause })
}
