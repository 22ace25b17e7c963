// Where in the console a person is. It is kept in the fragment of the address, so that no server or proxy log learns which case is open.

import { type Signal, signal } from "@preact/signals"

export const pages = ["overview", "cases", "accounts", "invites", "people", "log", "settings"] as const
export type PageName = (typeof pages)[number]

export type Place =
  | { readonly at: PageName }
  | { readonly at: "new-case" }
  | { readonly at: "case"; readonly caseId: string }
  /** The pages that do not fit at the bottom of a phone. */
  | { readonly at: "more" }

export function parsePlace(hash: string): Place {
  const [at, first, ...rest] = hash.replace(/^#\/?/, "").split("/")
  if (rest.length > 0) return { at: "overview" }
  if (at === "cases" && first === "new") return { at: "new-case" }
  if (at === "cases" && first !== undefined) return /^[0-9a-f]{10}$/.test(first) ? { at: "case", caseId: first } : { at: "cases" }
  if (at === "more") return { at: "more" }
  return { at: pages.find((page) => page === at) ?? "overview" }
}

export function formatPlace(place: Place): string {
  if (place.at === "case") return `#/cases/${place.caseId}`
  return place.at === "new-case" ? "#/cases/new" : `#/${place.at}`
}

/** Which entry of the navigation a place belongs to. */
export function pageOf(place: Place): PageName | "more" {
  return place.at === "case" || place.at === "new-case" ? "cases" : place.at
}

/** The code of an enrolment link, `#enrol=CODE`: 32 bytes in base64url. */
export function parseEnrolment(hash: string): string | undefined {
  return /^#enrol=([A-Za-z0-9_-]{43})$/.exec(hash)?.[1]
}

export interface Places {
  readonly place: Signal<Place>
  go(place: Place): void
}

export function createPlaces(window: Window): Places {
  const place = signal(parsePlace(window.location.hash))
  const follow = (): void => {
    place.value = parsePlace(window.location.hash)
  }
  window.addEventListener("popstate", follow)
  window.addEventListener("hashchange", follow)
  return {
    place,
    go(next) {
      const hash = formatPlace(next)
      if (hash !== window.location.hash) window.history.pushState(null, "", hash)
      place.value = next
    },
  }
}
