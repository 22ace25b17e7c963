// What people and groups are called, made harmless at the one door by which it comes to the page: names stand inside our sentences, and a
// mark that turns the direction of writing around would rearrange those.

import { withoutDirectionMarks } from "../text/direction.ts"

const nameKeys: ReadonlySet<string> = new Set(["name", "title", "senderName"])

/** The same view, or list of views, with names that bring no direction marks. What holds no name is handed back as it is. */
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
