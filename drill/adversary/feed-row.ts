import type { Store } from "@nodoor/server"

/** One account state on its way into the log. */
export type FeedRow = Awaited<ReturnType<Store["accountFeed"]>>["rows"][number]
