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
import type { Actor } from "../desk/people/actor.ts"
import type { Desk } from "../desk/desk.ts"
import { parseDeskRequest } from "../desk/cases/desk-request.ts"
import type { PasskeyProof } from "../desk/people/passkey-proof.ts"
import type { Passkeys } from "../desk/people/passkeys.ts"
import { type ConsoleHandler, rightRoute } from "./route.ts"

export interface CasePorts {
  readonly desk: Desk
  readonly passkeys: Passkeys
}

export function caseRoutes({ desk, passkeys }: CasePorts): readonly ConsoleHandler[] {
  const confirm = (actor: Actor, act: ConfirmedAct, subject: string, response: string): Promise<PasskeyProof> =>
    passkeys.confirm({ actor, act, subject, response })
  return [
    rightRoute(operatorCases, "read", ({ before }) => desk.page(before)),
    rightRoute(operatorCase, "read", ({ caseId }, actor) => desk.view(caseId, actor)),
    rightRoute(operatorCaseOpen, "handle", ({ request }, actor) => ({ caseId: desk.open(parseDeskRequest(request), actor) })),
    rightRoute(operatorCaseAttach, "handle", ({ caseId, name, content }, actor) => ({
      sha256: toHex(desk.attach({ caseId, name, content, actor })),
    })),
    rightRoute(operatorCaseDocument, "read", ({ caseId, sha256 }) => ({ content: desk.document(caseId, fromHex(sha256)) })),
    rightRoute(operatorCaseApprove, "approve", async ({ caseId, proof }, actor) => {
      const confirmed = await confirm(actor, "approve", caseId, proof)
      return { approvals: desk.approve({ caseId, actor, by: { kind: "passkey", proof: confirmed } }) }
    }),
    rightRoute(operatorCaseClose, "handle", async ({ caseId, outcome, tell, proof }, actor) => {
      const confirmed = await confirm(actor, "close", caseId, proof)
      await desk.close({ caseId, outcome, tell, actor, proof: confirmed })
      return {}
    }),
    rightRoute(operatorCaseExport, "handle", async ({ caseId, tell, proof }, actor) => {
      const confirmed = await confirm(actor, "export", caseId, proof)
      const { archive, outcome } = await desk.export({ caseId, tell, actor, proof: confirmed })
      return { outcome, sha256: archive.digest }
    }),
    rightRoute(operatorCaseArchive, "handle", ({ caseId }, actor) => desk.archive(caseId, actor)),
  ]
}
