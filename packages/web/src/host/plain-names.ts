// Names of people and groups, made harmless at the one place where they reach the page. Names are shown inside our sentences, and a mark that
// changes the direction of writing would rearrange those.

import { withoutDirectionMarks } from "../text/direction.ts"

const nameKeys: ReadonlySet<string> = new Set(["name", "title", "senderName"])

/** The same view, or list of views, without direction marks in names. A value without names is returned as it is. */
export function withPlainNames<View>(view: View): View {
  return plain(view) as View
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      nameKeys.has(key) && typeof part === "string" ? withoutDirectionMarks(part) : plain(part),
    ]),
  )
}
