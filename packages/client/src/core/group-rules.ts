// What members of a group may do, as its policy says.

export type Role = "admin" | "member"

export type WhoMay = "admins" | "everyone"

export interface GroupRules {
  readonly add: WhoMay
  readonly rename: WhoMay
  readonly post: WhoMay
}
