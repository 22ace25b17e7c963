// The table of all kinds of outgoing things, by their names in the outbox. The kind of a commit is that of its intent.

import { type Intent, decodeIntent } from "../store/group/intent.ts"
import type { OutboxItem } from "../store/group/outbox-item.ts"
import { Change } from "./change.ts"
import { CommitRequests, type CommitRequestParts } from "./commit-request.ts"
import { Content, type ContentParts } from "./content.ts"
import { CreateGroup, type CreateGroupParts } from "./create-group.ts"
import { Failures } from "./failures.ts"
import { Invitation, type InvitationParts } from "./invitation.ts"
import { Leave, type LeaveParts } from "./leave.ts"
import type { OutgoingKind } from "./outgoing-kind.ts"
import { Removal, type RemovalParts } from "./removal.ts"
import { Readmission, type ReadmissionParts } from "./readmission.ts"
import { Rekey, type RekeyParts } from "./rekey.ts"
import { Renewal, type RenewalParts } from "./renewal.ts"
import { StaleEpochs } from "./stale-epochs.ts"

export type OutgoingParts = CreateGroupParts &
  CommitRequestParts &
  InvitationParts &
  RemovalParts &
  RenewalParts &
  ReadmissionParts &
  RekeyParts &
  LeaveParts &
  ContentParts

export interface OutgoingKinds {
  readonly byName: Readonly<Record<string, OutgoingKind>>
  readonly commits: Readonly<Record<Intent["type"], OutgoingKind>>
  readonly staleEpochs: StaleEpochs
}

export function outgoingKinds(parts: OutgoingParts): OutgoingKinds {
  const staleEpochs = new StaleEpochs()
  const failures = new Failures(parts, staleEpochs)
  const commits = new CommitRequests(parts)
  const change = new Change(commits, failures)
  const removal = new Removal(parts, commits, failures)
  return {
    byName: {
      create: new CreateGroup(parts, failures),
      rekey: new Rekey(parts, failures),
      proposal: new Leave(parts, failures),
      content: new Content(parts, failures),
    },
    commits: {
      add: new Invitation(parts, commits, failures),
      remove: removal,
      revoke: removal,
      proposals: removal,
      rejoin: new Readmission(parts, commits, failures),
      rename: change,
      role: change,
      rules: change,
      history: change,
      renew: new Renewal(parts, commits),
    },
    staleEpochs,
  }
}

export function kindOf({ byName, commits }: OutgoingKinds, item: Pick<OutboxItem, "kind" | "payload">): OutgoingKind {
  const kind = item.kind === "commit" ? commits[decodeIntent(item.payload).type] : byName[item.kind]
  if (!kind) throw new TypeError(`no such kind of outgoing things: ${item.kind}`)
  return kind
}
