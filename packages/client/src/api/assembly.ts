// Putting one device together from its ports and its store.

import type { Backups } from "../archive/backup/backups.ts"
import { Typing } from "../chat/typing.ts"
import { compose, composeHistory, composeProfile, composeReceipts } from "../content/compose.ts"
import { ContentIntake } from "../content/content-intake.ts"
import { fileAgain } from "../content/file-again.ts"
import { keyPackage } from "../content/key-package.ts"
import { resendRequest, resent } from "../content/resend.ts"
import type { Changes } from "../core/changes.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Ports } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import { IntroductionIntake } from "../group/join/introduction-intake.ts"
import type { KeyPackageSupply } from "../group/join/key-package-supply.ts"
import { dueSpare } from "../group/join/spare-key-package.ts"
import { Removals } from "../group/membership/removals.ts"
import { listSeatsToRead } from "../group/seat/seats-to-read.ts"
import { Successors } from "../group/successor/successors.ts"
import type { OldLink } from "../link/old-link.ts"
import { DeviceFiles } from "../media/device-files.ts"
import { Answering } from "../missed/answering.ts"
import { MissedMessages } from "../missed/missed-messages.ts"
import type { ConnectionStatus } from "../receiving/connection-status.ts"
import { Intake } from "../receiving/intake.ts"
import { Introductions } from "../receiving/introductions.ts"
import { LateKeys } from "../receiving/late-keys.ts"
import { Reading } from "../receiving/reading.ts"
import { RejoinRequests } from "../receiving/rejoin-requests.ts"
import { Outbox } from "../sending/outbox.ts"
import { outgoingKinds } from "../sending/outgoing-kinds.ts"
import type { Passes } from "../sending/passes.ts"
import { RejoinAsking } from "../sending/rejoin/rejoin-asking.ts"
import type { GroupRow } from "../store/group/groups.ts"
import type { ResendRequest } from "../store/missed/said-of-missed.ts"
import { AccountDeletion } from "../trust/account/account-deletion.ts"
import { CanaryWatch } from "../trust/operator/canary-watch.ts"
import { OperatorNotices } from "../trust/operator/operator-notices.ts"
import type { ClientEvent } from "../view/event.ts"
import { layFoundation } from "./foundation.ts"
import { type OwnAccountParts, ownAccountParts } from "./own-account-parts.ts"
import { serverAccess } from "./server-access.ts"
import { type SharedParts, shareParts } from "./shared-parts.ts"

/** What the parts tell the device that they make up. */
export interface DeviceEvents {
  readonly emit: (event: ClientEvent) => void
  readonly fault: (error: unknown) => void
  readonly show: (changes: Changes) => Promise<void>
  readonly connection: (connection: ConnectionStatus) => void
  readonly ephemeral: (tx: Transaction, groupId: Uint8Array, body: Uint8Array) => Promise<void>
  /** The account has ended. */
  readonly ended: () => void
}

export interface Assembly {
  readonly shared: SharedParts
  readonly passes: Passes
  /** In the order in which they are told that the device is connected. */
  readonly parts: readonly Part[]
  readonly reading: Reading
  readonly outbox: Outbox
  readonly notices: OperatorNotices
  readonly typing: Typing
  readonly canary: CanaryWatch
  readonly deletion: AccountDeletion
  readonly lateKeys: LateKeys
  readonly keyPackages: KeyPackageSupply
  readonly link: OldLink
  readonly backups: Backups
  readonly files: DeviceFiles
}

/** Parts tell each other of what happens, so that some are named before they are made. None is told anything before the device is opened. */
export function assemble(ports: Ports, own: OwnDevice, events: DeviceEvents): Assembly {
  const { emit, fault } = events
  const foundation = layFoundation(ports, own, {
    session: {
      unanswered: () => reading.look(),
      refused: (code) => reading.keptOut(code),
      forgotten: () => introducing.forgotten().catch(fault),
    },
    show: events.show,
    fault,
    kick: (groupId) => outbox.kick(groupId),
    ended: events.ended,
    ownDevicesDue: () => ofAccount.ownDevices.look(),
  })
  const access = serverAccess(foundation, ports)
  const { passes, hosts } = access
  const { shared, receipts, proposals, keyPackages, introducing } = shareParts(foundation, access, {
    introductionArrived: () => introductions.arrived(),
    ownDevicesDue: () => ofAccount.ownDevices.look(),
    ownDevicesDueSoon: () => ofAccount.ownDevices.lookSoon(),
    historyArrived: () => ofAccount.taking.arrived(),
    historyWanted: () => ofAccount.giving.due(),
    filesDue: () => files.due(),
    rejoinDue: (groupId) => asking.due(groupId),
    missedDue: () => missed.due(),
    seatsChanged: () => reading.seatsChanged(),
  })
  const { watch, jobs, renewals, tokens, posting, sync } = shared
  const deletion = new AccountDeletion({ ...foundation, account: watch.account })
  const lateKeys = new LateKeys(foundation)
  const successors = new Successors(shared)
  const { answering, missed } = missedParts(shared)
  const asking: RejoinAsking = new RejoinAsking(shared)
  const requests = new RejoinRequests(shared)
  const introductions: Introductions = new Introductions({ ...shared, intake: new IntroductionIntake(shared) })
  const ofAccount: OwnAccountParts = ownAccountParts(shared, { asking, bucket: ports.bucket, emit })
  const files: DeviceFiles = new DeviceFiles({
    ...shared,
    files: ports.files,
    mediaCrypto: ports.mediaCrypto,
    tell: (tx, group, input) => compose(shared, tx, group, { type: fileAgain, input }),
    show: (transfer) => emit({ type: "transfer", transfer }),
  })
  const due = {
    history: (tx: Transaction, group: GroupRow) => composeHistory(shared, tx, group),
    profile: (tx: Transaction, group: GroupRow) => composeProfile(shared, tx, group),
    receipts: async (tx: Transaction, group: GroupRow) => receipts.take(group.groupId) && (await composeReceipts(shared, tx, group)),
    spare: (tx: Transaction, group: GroupRow) => leaveSpare(shared, tx, group),
    sync: (tx: Transaction, group: GroupRow) => sync.due(tx, group),
  }
  const outbox: Outbox = new Outbox(shared, outgoingKinds({ ...shared, due }))
  const notices = new OperatorNotices(shared)
  const canary = new CanaryWatch(shared)
  const typing = new Typing({ ...shared, removals: new Removals(shared) })
  const reading: Reading = new Reading({
    ...shared,
    readHost: () => hosts.url("reading"),
    lost: (inARow) => hosts.failed(inARow),
    passes: passes.forReading,
    seats: { list: () => listSeatsToRead(shared.crypto, shared.reader) },
    intake: new Intake({ ...shared, successors, content: new ContentIntake({ ...shared, missed }) }),
    events: {
      status: events.connection,
      ephemeral: events.ephemeral,
      rejoin: (tx, groupId, request) => requests.take(tx, groupId, request),
    },
  })
  const { ownDevices, link, giving, taking, restored, backups } = ofAccount
  const parts: readonly Part[] = [
    jobs,
    keyPackages,
    watch,
    renewals,
    notices,
    canary,
    deletion,
    receipts,
    proposals,
    successors,
    tokens,
    posting,
    hosts,
    introductions,
    introducing,
    ownDevices,
    link,
    giving,
    taking,
    backups,
    files,
    restored,
    sync,
    asking,
    requests,
    answering,
    missed,
    outbox,
  ]
  return { shared, passes, parts, reading, outbox, notices, typing, canary, deletion, lateKeys, keyPackages, link, backups, files }
}

/** What this device missed, and what it is asked for. */
function missedParts(shared: SharedParts): { readonly answering: Answering; readonly missed: MissedMessages } {
  const answering = new Answering({ ...shared, answer: (tx, group, input) => compose(shared, tx, group, { type: resent, input }) })
  const ask = (tx: Transaction, group: GroupRow, input: ResendRequest): Promise<unknown> =>
    compose(shared, tx, group, { type: resendRequest, input })
  return { answering, missed: new MissedMessages({ ...shared, answering, ask }) }
}

/** One KeyPackage for the other person of a chat of two, if it is due. */
async function leaveSpare(parts: SharedParts, tx: Transaction, group: GroupRow): Promise<boolean> {
  const message = group.policy.kind === "dm" ? await dueSpare(parts, tx, group.groupId) : undefined
  return message !== undefined && (await compose(parts, tx, group, { type: keyPackage, input: { message } })) !== undefined
}
