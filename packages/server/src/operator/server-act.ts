// What is done with the machine's own commands stands in the desk's log like what people do in the console, with "server" for who did it:
// whoever has the machine needs no passkey, and leaves a trace all the same.

import type { Json } from "@nodoor/bytes"
import { auditedStep } from "../desk/store/desk-database.ts"
import type { Clock } from "../core/ports.ts"
import type { Database } from "../sqlite/database.ts"

/** Writes one line, on the disk when it returns. */
export type ServerAct = (event: string, facts: { readonly [name: string]: Json }) => void

export function serverActs(db: Database, clock: Clock): ServerAct {
  return (event, facts) => auditedStep(db, { clock, event, facts }, () => ({ actor: "server", result: undefined }))
}
