// The lawful desk in the console: the same desk as on the command line, with a passkey's confirmation at every decision.

import { fromHex, toHex } from "@nodoor/bytes"
import {
  type ConfirmedAct,
  operatorCase,
  operatorCaseApprove,
  operatorCaseArchive,
  operatorCaseAttach,
  operatorCaseClose,
  operatorCaseDocument,
  operatorCaseExport,
  operatorCaseOpen,
  operatorCases,
} from "@nodoor/wire/operator"
import type { Actor } from "../desk/actor.ts"
import type { Desk } from "../desk/desk.ts"
import { parseDeskRequest } from "../desk/desk-request.ts"
import type { PasskeyProof } from "../desk/passkey-proof.ts"
import type { Passkeys } from "../desk/passkeys.ts"
import { type ConsoleDoor, rightDoor } from "./door.ts"

export interface CasePorts {
  readonly desk: Desk
  readonly passkeys: Passkeys
}

export function caseDoors({ desk, passkeys }: CasePorts): readonly ConsoleDoor[] {
  const confirm = (actor: Actor, act: ConfirmedAct, subject: string, response: string): Promise<PasskeyProof> =>
    passkeys.confirm({ actor, act, subject, response })
  return [
    rightDoor(operatorCases, "read", ({ before }) => desk.page(before)),
    rightDoor(operatorCase, "read", ({ caseId }, actor) => desk.view(caseId, actor)),
    rightDoor(operatorCaseOpen, "handle", ({ request }, actor) => ({ caseId: desk.open(parseDeskRequest(request), actor) })),
    rightDoor(operatorCaseAttach, "handle", ({ caseId, name, content }, actor) => ({
      sha256: toHex(desk.attach({ caseId, name, content, actor })),
    })),
    rightDoor(operatorCaseDocument, "read", ({ caseId, sha256 }) => ({ content: desk.document(caseId, fromHex(sha256)) })),
    rightDoor(operatorCaseApprove, "approve", async ({ caseId, proof }, actor) => {
      const confirmed = await confirm(actor, "approve", caseId, proof)
      return { approvals: desk.approve({ caseId, actor, by: { kind: "passkey", proof: confirmed } }) }
    }),
    rightDoor(operatorCaseClose, "handle", async ({ caseId, outcome, tell, proof }, actor) => {
      const confirmed = await confirm(actor, "close", caseId, proof)
      await desk.close({ caseId, outcome, tell, actor, proof: confirmed })
      return {}
    }),
    rightDoor(operatorCaseExport, "handle", async ({ caseId, tell, proof }, actor) => {
      const confirmed = await confirm(actor, "export", caseId, proof)
      const { archive, outcome } = await desk.export({ caseId, tell, actor, proof: confirmed })
      return { outcome, sha256: archive.digest }
    }),
    rightDoor(operatorCaseArchive, "handle", ({ caseId }, actor) => desk.archive(caseId, actor)),
  ]
}
