// A message in one line, for lists, quotes and screen readers.

import type { FileContent, MessageContent } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { fileSize } from "./file-size.ts"
import { plainText } from "./markdown.ts"
import { t } from "./catalogue.ts"

const wordless: Readonly<Record<Exclude<MessageContent["type"], "text" | "event"> | "absent", string>> = {
  deleted: t.message.deleted,
  waiting: t.message.waiting,
  file: t.file.line,
  shared_history: t.message.shared.line,
  unsupported: t.message.unsupportedLine,
  absent: t.message.absent,
}

export function messageWords(message: { readonly kind: MessageContent["type"] | "absent"; readonly text: string }): string {
  if (message.kind === "text" || message.kind === "event" || (message.kind === "file" && message.text !== ""))
    return plainText(message.text)
  return wordless[message.kind]
}

/** A photo or a file: what it is, and its caption. */
export function fileWords({ name, sizeBytes, preview, caption }: FileContent): string {
  const what = preview === undefined ? t.file.fileCalled(isolated(name), fileSize(sizeBytes)) : t.file.photo
  return caption === "" ? what : `${what}. ${plainText(caption)}`
}
