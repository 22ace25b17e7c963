import type { Store } from "@nodoor/server"

/** One account state on its way into the log. */
export type Feed = Awaited<ReturnType<Store["accountFeed"]>>
export type FeedRow = Feed["rows"][number]
