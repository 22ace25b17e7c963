// The file that is kept when a commit was wrong by bytes and shared state: the commit as the server delivered it, signed by a seat, with whose
// seat that is. Another member's device finds the same in it, or that it proves nothing.

import { CodecError, bytes, decodeTls, encodeTls, equal, fromBase64, fromUtf8, toBase64, toUtf8 } from "@nodoor/bytes"
import type { AccountId, DeviceId } from "@nodoor/keylog"
import { type Environment, members } from "@nodoor/mls"
import { idBytes, limits } from "@nodoor/wire"
import { type CommitDetails, readCommitDetails, writeCommitDetails } from "@nodoor/wire/delivery"
import type { KeptSeat } from "../../store/group/seats.ts"
import { identify } from "../../trust/trust.ts"
import { type GroundCode, type LogCode, type SharedGroup, openCommit } from "./commit-fault.ts"

interface Named {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/** Whose seat signed a commit. */
export interface Accused extends Named {
  /** The device drew the seat's key. If not, `adder` has it too, and may be who did it; undefined where this device does not know. */
  readonly own: boolean
  readonly adder: Named | undefined
}

const header = "nodoor-commit-evidence/v1"
/** Longer files are not read. */
const maxBytes = 3 * limits.commitBundleBytes

/** The seat's holder by the tree of the commit's epoch, and by what this device noted when the seat was given. */
export function accusedOf(
  { state, seats }: { readonly state: SharedGroup["state"]; readonly seats: readonly KeptSeat[] },
  seatId: Uint8Array,
): Accused | undefined {
  const seat = seats.find((each) => equal(each.seat, seatId))
  const member = seat && members(state).find(({ leafIndex }) => leafIndex === seat.leafIndex)
  if (!seat || !member) return undefined
  const { accountId, deviceId } = identify(member)
  const { adderAccount, adderDevice, own } = seat
  const adder =
    own || !adderAccount || !adderDevice
      ? undefined
      : { accountId: bytes<"AccountId">(adderAccount), deviceId: bytes<"DeviceId">(adderDevice) }
  return { accountId, deviceId, own, adder }
}

/** A text file: a line that names it, one for people, and the commit in base64. */
export function formatCommitEvidence(evidence: {
  readonly groupId: Uint8Array
  readonly code: GroundCode | LogCode
  readonly details: CommitDetails
}): Uint8Array {
  const body = encodeTls((w) => {
    w.raw(evidence.groupId).vector(toUtf8(evidence.code))
    writeCommitDetails(w, evidence.details)
  })
  return toUtf8(`${header}\n${evidence.code}\n${toBase64(body)}\n`)
}

/** @throws CodecError for anything but such a file */
export function parseCommitEvidence(file: Uint8Array): {
  readonly groupId: Uint8Array
  readonly code: string
  readonly details: CommitDetails
} {
  if (file.length > maxBytes) throw new CodecError("oversized", "evidence of a commit")
  const [first, code = "", body = "", end, ...more] = fromUtf8(file).split("\n")
  if (first !== header || end !== "" || more.length > 0) throw new CodecError("invalid_value", "lines of evidence")
  const parsed = decodeTls(fromBase64(body), (reader) => ({
    groupId: reader.raw(limits.groupIdBytes),
    code: fromUtf8(reader.vector(4 * idBytes)),
    details: readCommitDetails(reader),
  }))
  if (parsed.code !== code) throw new CodecError("invalid_value", "code of evidence")
  return parsed
}

/**
 * What the evidence shows to another member whose group stands at the commit's epoch. The file's own words count for nothing: everything is
 * found again from the commit, its signature and this member's own state.
 * @throws CodecError for what is no evidence
 */
export function verifyCommitEvidence(
  env: Environment,
  group: SharedGroup & { readonly seats: readonly KeptSeat[] },
  file: Uint8Array,
): { readonly status: "proven"; readonly code: GroundCode; readonly accused: Accused } | { readonly status: "unproven" } {
  const { groupId, details } = parseCommitEvidence(file)
  if (!equal(groupId, group.state.groupId)) return { status: "unproven" }
  const opened = openCommit(env, group, details)
  const accused = accusedOf(group, details.seat)
  return opened.status === "ground" && accused ? { status: "proven", code: opened.code, accused } : { status: "unproven" }
}
