// The table of content types. Receiving and showing messages look up the type here and nowhere else.

import type { PartRow } from "../store/chat/parts.ts"
import type { ContentType } from "./content-type.ts"
import { deletion } from "./deletion.ts"
import { edit } from "./edit.ts"
import { type EventContent, event } from "./event.ts"
import { type FileContent, file } from "./file.ts"
import { fileAgain } from "./file-again.ts"
import { profile } from "./profile.ts"
import { history } from "./history.ts"
import { historyRequest } from "./history-request.ts"
import { ownKeyPackages } from "./own-key-packages.ts"
import { introduction } from "./introduction.ts"
import { keyPackage } from "./key-package.ts"
import { reaction } from "./reaction.ts"
import { receipt } from "./receipt.ts"
import { resendRequest, resent } from "./resend.ts"
import { type SharedHistoryContent, sharedHistory } from "./shared-history.ts"
import { sync } from "./sync.ts"
import { type TextContent, text } from "./text.ts"
import { type UnsupportedContent, unsupported } from "./unsupported.ts"
import { type WaitingContent, waiting } from "./waiting.ts"

/** What a message shows. */
export type MessageContent =
  | TextContent
  | FileContent
  | SharedHistoryContent
  | { readonly type: "deleted" }
  | UnsupportedContent
  | WaitingContent
  | EventContent

export type ContentTypes<Shown> = readonly ContentType<never, Shown>[]

/** The first type that accepts a message receives it. */
export const contentTypes: ContentTypes<MessageContent> = [
  receipt,
  profile,
  keyPackage,
  ownKeyPackages,
  history,
  historyRequest,
  introduction,
  sync,
  sharedHistory,
  resendRequest,
  resent,
  fileAgain,
  reaction,
  deletion,
  edit,
  text,
  file,
  unsupported,
  waiting,
  event,
]

/** What a person sees of a message: its first part with what belongs to it, or that it was deleted. */
export function shownContent(message: { readonly kind: string; readonly parts: readonly PartRow[] }): MessageContent
export function shownContent<Shown>(
  message: { readonly kind: string; readonly parts: readonly PartRow[] },
  types: ContentTypes<Shown>,
): Shown | MessageContent
export function shownContent(
  { kind, parts: [part, ...others] }: { readonly kind: string; readonly parts: readonly PartRow[] },
  types: ContentTypes<unknown> = contentTypes,
): unknown {
  if (kind === "deleted" || !part) return { type: "deleted" }
  const type = types.find(({ name }) => name === part.kind)
  return type?.view?.(part, others) ?? unsupported.view?.({ ...part, text: part.kind })
}
