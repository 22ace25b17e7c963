// Reads what an archive holds from the stores and makes it. For hundreds of accounts that takes seconds, so a running server has it done in
// a thread (`archive-thread.ts`).

import { assert, fromHex } from "@nodoor/bytes"
import { decodeVerifiedAccountState } from "@nodoor/keylog"
import { serverCrypto } from "../../core/crypto.ts"
import type { SigningKey } from "../../keylog/keeper/log-keys.ts"
import type { Database } from "../../sqlite/database.ts"
import type { Store } from "../../accounts/store/store.ts"
import { ApprovedCase, ReservedSlot } from "../cases/approved.ts"
import { type HeldClass, scopeOf } from "../cases/desk-request.ts"
import { type Archive, type NamedAccount, caseArchive, heldOf, ownArchive } from "./archive.ts"
import { publicFacts } from "./impossibility.ts"

export interface ArchiveMaker {
  /** The archive of an approved case. @throws ServerError `desk_refused`, `desk_damaged` */
  ofCase(caseId: string): Promise<CaseArchive>
  /** What a person gets about themselves; undefined if there is no such account. */
  ofAccount(accountId: Uint8Array): Promise<Archive | undefined>
}

export interface CaseArchive extends Archive {
  /** Whether any of the named accounts exists. */
  readonly found: boolean
  /** Per account, as the request names it: the classes of which there was something to hand over. */
  readonly held: ReadonlyMap<string, readonly HeldClass[]>
}

export interface ArchiveMakerPorts {
  /** The desk's. */
  readonly db: Database
  readonly store: Pick<Store, "findAccount" | "disclosableTables" | "verifiedState">
  readonly origin: string
  /** Signs archives. */
  readonly exportKey: SigningKey
  /** The key log's published checkpoint. */
  readonly checkpoint: () => string | undefined
}

export function createArchiveMaker(ports: ArchiveMakerPorts): ArchiveMaker {
  const { db, store, origin, exportKey: key } = ports
  return {
    ofCase: async (caseId) => {
      const approved = ApprovedCase.of(db, caseId)
      const slot = ReservedSlot.of(db, caseId)
      const { request } = approved.case
      const { granted } = scopeOf(request)
      const accounts: NamedAccount[] = []
      for (const asked of request.accounts) accounts.push(await namedAccount(ports, asked, granted.length > 0))
      return {
        ...caseArchive(approved, slot, { origin, accounts, key }),
        found: accounts.some(({ tables }) => tables.length > 0),
        held: new Map(accounts.map(({ asked, tables }) => [asked, heldOf(tables, granted)])),
      }
    },
    ofAccount: async (accountId) => {
      const tables = await store.disclosableTables({ accountId })
      if (tables.length === 0) return undefined
      const accounts = tables.find(({ table }) => table === "accounts")
      const handle = accounts?.rows[0]?.[accounts.columns.indexOf("handle")]
      assert(typeof handle === "string", "every account has a handle")
      return ownArchive({ origin, key, accounts: [{ asked: `@${handle}`, tables, facts: undefined }] })
    },
  }
}

/** Rows only where some may be handed over; the public facts in any case. */
async function namedAccount({ store, checkpoint }: ArchiveMakerPorts, asked: string, withRows: boolean): Promise<NamedAccount> {
  const accountId = asked.startsWith("@")
    ? (await store.findAccount({ handle: asked.slice(1), accountId: undefined, afterVersion: -1, maxStates: 1 }))?.accountId
    : fromHex(asked)
  const stored = accountId && (await store.verifiedState({ accountId }))
  if (accountId === undefined || stored === undefined) return { asked, tables: [], facts: undefined }
  const tables = withRows ? await store.disclosableTables({ accountId }) : []
  return { asked, tables, facts: publicFacts(decodeVerifiedAccountState(serverCrypto, stored), checkpoint()) }
}
