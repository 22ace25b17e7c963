// What may begin a group: Welcomes.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const hostile = ["sim/hostile-member/invitations.test.ts"]

function joining(name: string, without: string, text: string, replacement = ""): Mutation {
  return { name, without, edits: [{ file: `${client}/group/join/joining.ts`, text, replacement }], tests: hostile }
}

export const invitationsMutations: readonly Mutation[] = [
  joining(
    "welcome-unreadable",
    "a Welcome that does not open is refused, and told",
    "if (error instanceof MlsError || error instanceof CodecError) return await this.#refuse(tx, error.code, { pending }, { spend: false })",
    "if (error instanceof MlsError || error instanceof CodecError) return",
  ),
  joining(
    "welcome-group-id",
    "a Welcome is for the group that the server shows it under",
    'if (!equal(staged.groupId, record.groupId)) throw new CodecError("invalid_value", "group of the introduction")',
  ),
  joining(
    "welcome-policy",
    "a new group follows the rules of groups, and who lets somebody in may do so",
    "if (broken) return await this.#refuse(tx, broken, refused)",
    "void broken",
  ),
  joining(
    "welcome-blocked",
    "who is blocked lets nobody in",
    'if (isBlocked && following.status !== "genuine" && !isReadmitted) return this.#end(tx, pending, { spend: true })',
  ),
  joining("welcome-one-time", "the secret of a KeyPackage goes when it was used", "if (spend) spendKeyPackage(tx, pending.ref)"),
  joining(
    "welcome-fanout",
    "the seats of a new group at the server are those of its tree",
    "await checkFanout(this.#parts, tx, { groupId, chatId }, { seats, record })",
  ),
  joining(
    "welcome-request",
    "a stranger's group is a request",
    'familiar ? "active" : "request",',
    '(familiar as boolean | string) ? "active" : "active",',
  ),
]
