// Keeps the message list where the reader left it while messages are added above, change their height or go.

export interface RowPlace {
  readonly id: string
  /** Pixels from the top of the list's content. */
  readonly top: number
  readonly height: number
}

/** `end`: the reader follows the newest message. Otherwise this row's top stays `offset` pixels below the top of the view. */
export type Anchor = { readonly type: "end" } | { readonly type: "row"; readonly id: string; readonly offset: number }

/** How near the end still counts as following. */
export const endSlackPx = 48

export interface ListView {
  readonly scrollTop: number
  readonly height: number
  readonly contentHeight: number
  /** The window of messages ends before the chat does. */
  readonly hasNewer: boolean
}

export function endInView(view: ListView): boolean {
  return !view.hasNewer && view.scrollTop + view.height >= view.contentHeight - endSlackPx
}

export function takeAnchor(view: ListView, rows: Iterable<RowPlace>): Anchor {
  if (endInView(view)) return { type: "end" }
  for (const row of rows) {
    if (row.top + row.height > view.scrollTop) return { type: "row", id: row.id, offset: row.top - view.scrollTop }
  }
  return { type: "end" }
}

/** Where to scroll so that the anchor is where it was; undefined if its row is gone. */
export function scrollTopFor(
  anchor: Anchor,
  view: { readonly height: number; readonly contentHeight: number },
  rowTop: (id: string) => number | undefined,
): number | undefined {
  if (anchor.type === "end") return Math.max(0, view.contentHeight - view.height)
  const top = rowTop(anchor.id)
  return top === undefined ? undefined : Math.max(0, top - anchor.offset)
}
