// Where in the app a person is. The place lives in the fragment of the address, which a browser never sends: a server that delivers
// this page must not learn from a reload which chat somebody has open.

import type { Hex } from "@nodoor/client"
import { linkPath } from "@nodoor/client/text"
import { type Signal, signal } from "@preact/signals"

export type Route =
  | { readonly at: "chats" }
  | { readonly at: "chat"; readonly chatId: Hex; readonly sheet: Sheet | undefined }
  /** Shown in place of the list. On a wide window the conversation `behind` stays visible. */
  | { readonly at: "requests" | "archived" | "starred" | "new" | "new-group"; readonly behind?: Hex }
  | { readonly at: "settings"; readonly section: SettingsSection | undefined; readonly page?: DevicesPage }
  /** Over the whole window: what a backup would bring back. */
  | { readonly at: "restore" }

/** What stands beside a conversation. */
export type Sheet =
  | { readonly type: "info" }
  | { readonly type: "contact"; readonly accountId: Hex }
  | { readonly type: "message"; readonly messageId: Hex }

export const settingsSections = ["profile", "appearance", "devices", "server", "warnings", "data", "about"] as const
export type SettingsSection = (typeof settingsSections)[number]
/** Pages below "Devices and backup". */
export const devicesPages = ["link", "words", "check", "where"] as const
export type DevicesPage = (typeof devicesPages)[number]

export function parseRoute(hash: string): Route {
  const [at, first, second, third] = hash.replace(/^#\/?/, "").split("/")
  if (at === "chat" && isHex(first)) return { at: "chat", chatId: first, sheet: parseSheet(second, third) }
  if (at === "requests" || at === "archived" || at === "starred" || at === "new" || at === "new-group")
    return isHex(first) ? { at, behind: first } : { at }
  if (at === "settings") {
    const section = settingsSections.find((one) => one === first)
    const page = section === "devices" ? devicesPages.find((one) => one === second) : undefined
    return { at: "settings", section, ...(page !== undefined && { page }) }
  }
  if (at === "restore") return { at: "restore" }
  return { at: "chats" }
}

function parseSheet(type: string | undefined, id: string | undefined): Sheet | undefined {
  if (type === "info") return { type }
  if (type === "contact" && isHex(id)) return { type, accountId: id }
  if (type === "message" && isHex(id)) return { type, messageId: id }
  return undefined
}

export function formatRoute(route: Route): string {
  if (route.at === "chats") return "#/"
  if (route.at === "settings") return ["#/settings", route.section, route.page].filter((part) => part !== undefined).join("/")
  if (route.at === "restore") return "#/restore"
  if (route.at !== "chat") return route.behind === undefined ? `#/${route.at}` : `#/${route.at}/${route.behind}`
  const { sheet } = route
  if (sheet === undefined) return `#/chat/${route.chatId}`
  if (sheet.type === "info") return `#/chat/${route.chatId}/info`
  return `#/chat/${route.chatId}/${sheet.type}/${sheet.type === "contact" ? sheet.accountId : sheet.messageId}`
}

/** The link that somebody opened: an invite to the server, or a person's link. It is read from the address once, then removed from it. */
export interface Arrival {
  readonly invite: string | undefined
  readonly handle: string | undefined
  /** A linking code, as the whole link. It is used only after a person has said so, and never kept. */
  readonly link?: string | undefined
}

/** `/i/CODE`, `/i/CODE#@alice`, `/@alice`, as people pass them on, and `/#link/CODE`, as one device shows it to another. */
export function parseArrival(location: { readonly pathname: string; readonly hash: string; readonly href?: string }): Arrival {
  if (location.hash.startsWith("#link/")) return { invite: undefined, handle: undefined, link: location.href ?? location.hash }
  return linkPath(location.pathname + (location.hash.startsWith("#/") ? "" : location.hash))
}

function isHex(text: string | undefined): text is Hex {
  return text !== undefined && /^[0-9a-f]+$/.test(text)
}

export interface Router {
  readonly route: Signal<Route>
  go(route: Route, options?: { readonly replace?: boolean }): void
  /** One step up, as Esc and the back arrow do. */
  up(): void
}

export function createRouter(window: Window): Router {
  const route = signal(parseRoute(window.location.hash))
  const go: Router["go"] = (wanted, options = {}) => {
    const next = withBehind(wanted, route.peek())
    const hash = formatRoute(next)
    if (hash === window.location.hash) return
    window.history[options.replace === true ? "replaceState" : "pushState"](null, "", hash)
    route.value = next
  }
  const follow = (): void => {
    route.value = parseRoute(window.location.hash)
  }
  window.addEventListener("popstate", follow)
  window.addEventListener("hashchange", follow)
  return { route, go, up: () => go(above(route.peek())) }
}

export function above(route: Route): Route {
  if (route.at === "chat" && route.sheet !== undefined) return { at: "chat", chatId: route.chatId, sheet: undefined }
  if (route.at === "settings" && route.page !== undefined) return { at: "settings", section: route.section }
  if (route.at === "settings" && route.section !== undefined) return { at: "settings", section: undefined }
  if (route.at === "new-group") return { ...route, at: "new" }
  const behind = route.at === "chat" ? undefined : openChatOf(route)
  return behind === undefined ? { at: "chats" } : { at: "chat", chatId: behind, sheet: undefined }
}

/** The chat whose conversation is open, if any. */
export function openChatOf(route: Route): Hex | undefined {
  return route.at === "chat" ? route.chatId : "behind" in route ? route.behind : undefined
}

/** The open conversation stays open while somebody looks for a person or through the requests. */
function withBehind(next: Route, before: Route): Route {
  if (next.at === "chats" || next.at === "chat" || next.at === "settings" || next.at === "restore" || next.behind !== undefined) return next
  const behind = openChatOf(before)
  return behind === undefined ? next : { ...next, behind }
}
