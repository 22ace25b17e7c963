// The desk's log records commands on the machine like acts in the console, with "server" as the actor.
// Somebody who controls the machine needs no passkey, but still leaves a trace.

import type { Json } from "@nodoor/bytes"
import { auditedStep } from "../desk/store/desk-database.ts"
import type { Clock } from "../core/ports.ts"
import type { Database } from "../sqlite/database.ts"

/** Writes one line, on the disk when it returns. */
export type ServerAct = (event: string, facts: { readonly [name: string]: Json }) => void

export function serverActs(db: Database, clock: Clock): ServerAct {
  return (event, facts) => auditedStep(db, { clock, event, facts }, () => ({ actor: "server", result: undefined }))
}
