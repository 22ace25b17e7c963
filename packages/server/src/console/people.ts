// Who may act, and the log of what they did.

import { operatorAudit, operatorPeople, operatorPersonChange, operatorPersonInvite } from "@nodoor/wire/operator"
import type { Actor } from "../desk/actor.ts"
import { auditPage, recentlyHolds } from "../desk/audit-page.ts"
import type { PasskeyProof } from "../desk/passkey-proof.ts"
import type { Passkeys } from "../desk/passkeys.ts"
import type { People } from "../desk/people.ts"
import type { Clock } from "../ports.ts"
import type { Database } from "../store/sqlite/database.ts"
import { type ConsoleDoor, rightDoor } from "./door.ts"

export interface PeoplePorts {
  readonly people: People
  readonly passkeys: Passkeys
  /** The desk's. */
  readonly db: Database
  readonly clock: Clock
}

/** The page shows the log anew after every step, and checks by itself what it shows. */
const chainEveryMs = 10_000

export function peopleDoors({ people, passkeys, db, clock }: PeoplePorts): readonly ConsoleDoor[] {
  const confirm = (actor: Actor, subject: string, response: string): Promise<PasskeyProof> =>
    passkeys.confirm({ actor, act: "people", subject, response })
  const holds = recentlyHolds(clock, chainEveryMs)
  return [
    rightDoor(operatorPeople, "read", (_, actor) => people.view(actor)),
    rightDoor(operatorPersonInvite, "read", async ({ name, role, proof }, actor) => {
      // Looked at before the confirmation is used up.
      if (name !== actor.name) actor.may(db, "people")
      return people.invite({ name, role, voucher: actor, proof: await confirm(actor, name, proof) })
    }),
    rightDoor(operatorPersonChange, "people", async ({ name, role, proof }, actor) => {
      const confirmed = await confirm(actor, name, proof)
      if (role === undefined) people.remove({ name, actor, proof: confirmed })
      else people.changeRole({ name, role, actor, proof: confirmed })
      return {}
    }),
    rightDoor(operatorAudit, "read", ({ before }) => auditPage(db, before, holds)),
  ]
}
