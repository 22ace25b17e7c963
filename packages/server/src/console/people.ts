// Who may act, and the log of what they did.

import { operatorAudit, operatorPeople, operatorPersonChange, operatorPersonInvite } from "@nodoor/wire/operator"
import type { Actor } from "../desk/people/actor.ts"
import { auditPage, recentlyHolds } from "../desk/store/audit-page.ts"
import type { PasskeyProof } from "../desk/people/passkey-proof.ts"
import type { Passkeys } from "../desk/people/passkeys.ts"
import type { People } from "../desk/people/people.ts"
import type { Clock } from "../core/ports.ts"
import type { Database } from "../sqlite/database.ts"
import { type ConsoleHandler, rightRoute } from "./route.ts"

export interface PeoplePorts {
  readonly people: People
  readonly passkeys: Passkeys
  /** The desk's. */
  readonly db: Database
  readonly clock: Clock
}

/** The page shows the log anew after every step, and checks by itself what it shows. */
const chainEveryMs = 10_000

export function peopleRoutes({ people, passkeys, db, clock }: PeoplePorts): readonly ConsoleHandler[] {
  const confirm = (actor: Actor, subject: string, response: string): Promise<PasskeyProof> =>
    passkeys.confirm({ actor, act: "people", subject, response })
  const holds = recentlyHolds(clock, chainEveryMs)
  return [
    rightRoute(operatorPeople, "read", (_, actor) => people.view(actor)),
    rightRoute(operatorPersonInvite, "read", async ({ name, role, proof }, actor) => {
      // Looked at before the confirmation is used up.
      if (name !== actor.name) actor.may(db, "people")
      return people.invite({ name, role, voucher: actor, proof: await confirm(actor, name, proof) })
    }),
    rightRoute(operatorPersonChange, "people", async ({ name, role, proof }, actor) => {
      const confirmed = await confirm(actor, name, proof)
      if (role === undefined) people.remove({ name, actor, proof: confirmed })
      else people.changeRole({ name, role, actor, proof: confirmed })
      return {}
    }),
    rightRoute(operatorAudit, "read", ({ before }) => auditPage(db, before, holds)),
  ]
}
