// Accounts and invites in the console. This code never reads an account's name, e-mail or IP addresses: they leave the server
// only in an archive of the desk. The desk's log has a line for every act before the act is done.

import { type Json, fromHex, toHex } from "@nodoor/bytes"
import { type ErrorCode, WireError } from "@nodoor/wire"
import {
  type OperatorAccount,
  operatorAccountChange,
  operatorAccounts,
  operatorInviteCreate,
  operatorInviteRevoke,
  operatorInvites,
  operatorLimits,
} from "@nodoor/wire/operator"
import type { AccountService } from "../accounts/account-service.ts"
import type { Actor } from "../desk/people/actor.ts"
import { auditedStep } from "../desk/store/desk-database.ts"
import type { Passkeys } from "../desk/people/passkeys.ts"
import { createInvites } from "../operator/invite.ts"
import type { Clock, Random } from "../core/ports.ts"
import type { Database } from "../sqlite/database.ts"
import type { InviteRow, Store } from "../accounts/store/store.ts"
import { type ConsoleHandler, rightRoute } from "./route.ts"

export interface AccountPorts {
  readonly store: Pick<Store, "accountsPage" | "addInvites" | "listInvites" | "revokeInvite">
  readonly accounts: Pick<AccountService, "changeAccount" | "options">
  /** The desk's. */
  readonly db: Database
  readonly passkeys: Passkeys
  readonly clock: Clock
  readonly random: Random
}

/** As many as the answer may hold. */
const invitesMax = 1000

/** `url`: where people reach the server, without a slash at the end. */
export function accountRoutes(ports: AccountPorts, url: string): readonly ConsoleHandler[] {
  const { store, db, clock, random } = ports
  const { accountsMax = 0 } = ports.accounts.options
  const note = (actor: Actor, event: string, facts: { readonly [name: string]: Json }): void =>
    auditedStep(db, { clock, event, facts }, () => ({ actor: actor.may(db, "handle").name, result: undefined }))

  return [
    rightRoute(operatorAccounts, "read", async ({ after, prefix }) => {
      const { accounts, more } = await store.accountsPage({ after, prefix, max: operatorLimits.pageRows })
      return { accounts: accounts.map(plain), more, accountsMax }
    }),
    rightRoute(operatorAccountChange, "handle", async ({ accountId, change, proof }, actor) => {
      const subject = toHex(accountId)
      if (change !== "resume") {
        if (proof === undefined) throw new WireError("bad_request", "Suspending or erasing an account needs a confirmation.")
        const confirmed = await ports.passkeys.confirm({ actor, act: change, subject, response: proof })
        actor.confirms({ act: change, subject, proof: confirmed })
      }
      note(actor, acts[change], { account: subject })
      try {
        return plain(await ports.accounts.changeAccount({ accountId, change }))
      } catch (error) {
        // After any other failure, it is unknown whether the change was made.
        if (error instanceof WireError && unchanged.has(error.code)) note(actor, "account_unchanged", { account: subject })
        throw error
      }
    }),
    rightRoute(operatorInvites, "read", async () => {
      const invites = await store.listInvites({ nowMs: clock.nowMs(), max: invitesMax })
      return { invites: invites.map(({ codeHash, ...invite }) => ({ id: idOf(codeHash), ...invite })) }
    }),
    rightRoute(operatorInviteCreate, "handle", async ({ count, uses, days, label }, actor) => {
      const noted: Pick<Store, "addInvites"> = {
        addInvites: async (input) => {
          note(actor, "invites_made", { invites: input.codeHashes.map(idOf), uses, days, label })
          await store.addInvites(input)
        },
      }
      const codes = await createInvites({ store: noted, clock, random }, { count, uses, days, label, only: false })
      return { links: codes.map((code) => `${url}/i/${code}`) }
    }),
    rightRoute(operatorInviteRevoke, "handle", async ({ id }, actor) => {
      const invites = await store.listInvites({ nowMs: clock.nowMs(), max: invitesMax })
      if (!invites.some(({ codeHash }) => idOf(codeHash) === id))
        throw new WireError("not_found", "This invite has expired or has no uses left.")
      note(actor, "invite_revoked", { invite: id })
      await store.revokeInvite({ hashPrefix: fromHex(id) })
      return {}
    }),
  ]
}

const unchanged: ReadonlySet<ErrorCode> = new Set(["account_not_found", "account_erased"])
const acts = { suspend: "account_suspended", resume: "account_resumed", erase: "account_erased" } as const

/** Field by field, so that a new field of the store does not appear here by itself. */
function plain({ accountId, handle, createdAtMs, lastSeenDay, deviceCount, state }: OperatorAccount): OperatorAccount {
  return { accountId, handle, createdAtMs, lastSeenDay, deviceCount, state }
}

function idOf(codeHash: InviteRow["codeHash"]): string {
  return toHex(codeHash.subarray(0, 8))
}
