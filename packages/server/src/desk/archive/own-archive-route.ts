// What people get about themselves: the desk's own archive, made by the same code, without a case because the data is theirs.

import { toUtf8 } from "@nodoor/bytes"
import { WireError, limits, ownArchive } from "@nodoor/wire"
import { callerOfAccount } from "../../route/caller.ts"
import { type Handler, deviceRoute } from "../../route/handler.ts"
import type { RateLimit } from "../../route/rate-limit.ts"
import type { ArchiveMaker } from "./archive-maker.ts"

/** One archive counts as this many look-ups. */
const lookupsWorth = 20

export function ownArchiveRoute({
  archives,
  rateLimit,
}: {
  readonly archives: Pick<ArchiveMaker, "ofAccount">
  readonly rateLimit: RateLimit
}): Handler {
  return deviceRoute(ownArchive, async (_, session) => {
    // Reading, hashing and signing a whole record costs more than many look-ups do.
    rateLimit.take("lookup", callerOfAccount(session), lookupsWorth)
    const made = await archives.ofAccount(session.accountId)
    if (made === undefined) throw new WireError("unauthorized")
    const archive = toUtf8(made.text)
    if (archive.length > limits.commitBundleBytes) throw new WireError("too_large")
    return { archive }
  })
}
