// What members of a group may do, as its policy says.

export type Role = "admin" | "member"

export type WhoMay = "admins" | "everyone"

/** What new members of a group are shown of what was written before: the last messages, or those of the last days. */
export type HistorySharing = { readonly messages: number } | { readonly days: number }

export interface GroupRules {
  readonly add: WhoMay
  readonly rename: WhoMay
  readonly post: WhoMay
}
