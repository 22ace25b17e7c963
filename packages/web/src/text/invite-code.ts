// The code of an invite, from the code itself or from a link.

import { sharedLink } from "@nodoor/client/text"
import { t } from "./catalogue.ts"

export type InviteCode = { readonly code: string; readonly handle: string | undefined } | { readonly problem: string }

/** `serverUrl`: the server on which the person is about to create an account. `code` is empty when nothing was typed. */
export function inviteCode(typed: string, serverUrl: string): InviteCode {
  const link = typed.includes("/") ? sharedLink(typed, serverUrl) : undefined
  if (link?.type === "elsewhere") return { problem: t.welcome.wrong.inviteElsewhere(link.host) }
  if (link?.type === "invite") return { code: link.invite, handle: undefined }
  if (link?.type === "person" && link.invite !== undefined) return { code: link.invite, handle: link.handle }
  return { code: typed.trim(), handle: undefined }
}
