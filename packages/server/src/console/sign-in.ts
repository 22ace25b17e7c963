// Signing in with an enrolment link or a passkey. Decisions are then confirmed with the same passkey.

import { toHex } from "@nodoor/bytes"
import {
  type ConfirmedAct,
  type OperatorSession,
  operatorConfirmOptions,
  operatorEnrol,
  operatorEnrolOptions,
  operatorSignIn,
  operatorSignInOptions,
  operatorSignOut,
} from "@nodoor/wire/operator"
import { sha256 } from "../core/crypto.ts"
import type { Actor } from "../desk/people/actor.ts"
import { auditedStep } from "../desk/store/desk-database.ts"
import type { Passkeys } from "../desk/people/passkeys.ts"
import type { Right } from "../desk/people/person.ts"
import type { Clock } from "../core/ports.ts"
import type { Database } from "../sqlite/database.ts"
import { type ConsoleHandler, publicRoute, rightRoute } from "./route.ts"
import type { ConsoleSessions } from "./session.ts"

export interface SignInPorts {
  readonly passkeys: Passkeys
  readonly sessions: ConsoleSessions
  /** The desk's. */
  readonly db: Database
  readonly clock: Clock
}

export function signInRoutes({ passkeys, sessions, db, clock }: SignInPorts): readonly ConsoleHandler[] {
  const letIn = (actor: Actor): OperatorSession => {
    const { name, role } = actor.now(db)
    return { ...sessions.open(actor), name, role }
  }
  return [
    publicRoute(operatorEnrolOptions, async ({ code }) => {
      const { options, name, role, recovery, inviter } = await passkeys.enrolOptions(code)
      return { options, name, role, ...(inviter === undefined ? {} : { invitedBy: inviter }), ...(recovery ? { recovery } : {}) }
    }),
    publicRoute(operatorEnrol, async (request) => letIn(await passkeys.enrol(request))),
    publicRoute(operatorSignInOptions, async () => ({ options: await passkeys.signInOptions() })),
    publicRoute(operatorSignIn, async ({ response }) => {
      const actor = await passkeys.signIn(response)
      const facts = { credential: toHex(sha256(actor.credentialId)) }
      auditedStep(db, { clock, event: "signed_in", caseId: undefined, facts }, () => ({ actor: actor.now(db).name, result: undefined }))
      return letIn(actor)
    }),
    rightRoute(operatorSignOut, "read", (_, __, token) => {
      sessions.end(token)
      return {}
    }),
    rightRoute(operatorConfirmOptions, "read", async ({ act, subject }, actor) => {
      actor.may(db, act === "people" && subject === actor.name ? "read" : rightFor[act])
      return { options: await passkeys.confirmOptions({ actor, act, subject }) }
    }),
  ]
}

/** Nobody is asked to confirm what they may not do. A further passkey of one's own is everybody's to add. */
const rightFor: Readonly<Record<ConfirmedAct, Right>> = {
  approve: "approve",
  export: "handle",
  close: "handle",
  suspend: "handle",
  erase: "handle",
  people: "people",
}
