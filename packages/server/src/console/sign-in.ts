// Getting in: with the link of an enrolment, or with a passkey. What one does once in is confirmed with the same passkey.

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
import type { Actor } from "../desk/actor.ts"
import type { Passkeys } from "../desk/passkeys.ts"
import type { Right } from "../desk/person.ts"
import type { Database } from "../store/sqlite/database.ts"
import { type ConsoleDoor, publicDoor, rightDoor } from "./door.ts"
import type { ConsoleSessions } from "./session.ts"

export interface SignInPorts {
  readonly passkeys: Passkeys
  readonly sessions: ConsoleSessions
  /** The desk's. */
  readonly db: Database
}

export function signInDoors({ passkeys, sessions, db }: SignInPorts): readonly ConsoleDoor[] {
  const letIn = (actor: Actor): OperatorSession => {
    const { name, role } = actor.now(db)
    return { ...sessions.open(actor), name, role }
  }
  return [
    publicDoor(operatorEnrolOptions, async ({ code }) => {
      const { options, name, role } = await passkeys.enrolOptions(code)
      return { options, name, role }
    }),
    publicDoor(operatorEnrol, async (request) => letIn(await passkeys.enrol(request))),
    publicDoor(operatorSignInOptions, async () => ({ options: await passkeys.signInOptions() })),
    publicDoor(operatorSignIn, async ({ response }) => letIn(await passkeys.signIn(response))),
    rightDoor(operatorSignOut, "read", (_, __, token) => {
      sessions.end(token)
      return {}
    }),
    rightDoor(operatorConfirmOptions, "read", async ({ act, subject }, actor) => {
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
  erase: "handle",
  people: "people",
}
