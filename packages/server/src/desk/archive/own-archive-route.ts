// What a person gets about themselves: the desk's own archive, by the same code, without a case because it is theirs.

import { assert, toUtf8 } from "@nodoor/bytes"
import { WireError, limits, ownArchive } from "@nodoor/wire"
import { callerOfAccount } from "../../route/caller.ts"
import { type Handler, deviceRoute } from "../../route/handler.ts"
import type { RateLimit } from "../../route/rate-limit.ts"
import type { SigningKey } from "../../keylog/keeper/log-keys.ts"
import type { Store } from "../../store/store.ts"
import { ownArchive as archiveOf } from "./archive.ts"

/** As many look-ups as one archive counts for. */
const lookupsWorth = 20

export function ownArchiveRoute(
  ports: { readonly store: Pick<Store, "disclosableTables">; readonly rateLimit: RateLimit; readonly exportKey: SigningKey },
  { origin }: { readonly origin: string },
): Handler {
  return deviceRoute(ownArchive, async (_, session) => {
    // Reading, hashing and signing everything costs more than many look-ups do.
    ports.rateLimit.take("lookup", callerOfAccount(session), lookupsWorth)
    const tables = await ports.store.disclosableTables({ accountId: session.accountId })
    if (tables.length === 0) throw new WireError("unauthorized")
    const accounts = tables.find(({ table }) => table === "accounts")
    const handle = accounts?.rows[0]?.[accounts.columns.indexOf("handle")]
    assert(typeof handle === "string", "every account has a handle")
    const { text } = archiveOf({ origin, key: ports.exportKey, accounts: [{ asked: `@${handle}`, tables, facts: undefined }] })
    const archive = toUtf8(text)
    if (archive.length > limits.commitBundleBytes) throw new WireError("too_large")
    return { archive }
  })
}
