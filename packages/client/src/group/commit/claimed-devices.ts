// KeyPackages that the server gave out for devices that are to be added, each checked against its account's verified state.

import { CodecError, equal } from "@nodoor/bytes"
import { findDevice } from "@nodoor/keylog"
import { type Environment, MlsError, type VerifiedKeyPackage, parseKeyPackage } from "@nodoor/mls"
import { ClientError, type ClientErrorCode } from "../../core/client-error.ts"
import { type Identity, decodeIdentity } from "../../core/credential.ts"
import { type Predecessor, isShutOut } from "../../store/group/predecessor.ts"
import type { IntroductionRoute } from "../../store/group/introductions.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import { productSuite } from "../../core/suite.ts"
import { groupTexts } from "../../texts/en.ts"
import type { SeatKeys } from "@nodoor/wire/delivery"
import type { SignedReadmission } from "../rejoin/readmission.ts"
import { applicationTypes } from "../seat/seat-list.ts"
import type { IdentifiedMember, Trust } from "../../trust/trust.ts"

/** A KeyPackage of a device, and where the device can be introduced to the group. */
export type ClaimedDevice = IntroductionRoute & {
  /** It asked to be let in again: with the seat that it drew, in place of the leaf at the seat that it leaves. */
  readonly asked?: AskedReadmission
  readonly accountId: Uint8Array
  readonly deviceId: Uint8Array
  readonly keyPackage: Uint8Array
}

export type AskedReadmission = Pick<SignedReadmission, "seat" | "epoch" | "signature"> & { readonly keys: SeatKeys }

export interface RefusedDevice {
  readonly claim: ClaimedDevice
  readonly code: ClientErrorCode
}

export interface CheckedClaims {
  readonly adds: readonly { readonly keyPackage: VerifiedKeyPackage; readonly claim: ClaimedDevice }[]
  readonly refused: readonly RefusedDevice[]
}

export type ClaimTrust = Pick<Trust, "latest" | "hasEnded">

interface ClaimParts {
  readonly own: Pick<OwnDevice, "origin">
  readonly states: { environment(): Environment }
  readonly trust: ClaimTrust
}

/** Each try costs the other device a KeyPackage. */
const lifetimeRetryMs = 3_600_000

/** The group to which they are to be added. */
interface Into {
  readonly leaves: readonly IdentifiedMember[]
  readonly predecessors: readonly Predecessor[]
}

/**
 * Returns the devices that are not in the group yet. One that fails does not affect the others.
 * @throws ClientError `identity_untrusted`, `clock_differs`, `not_allowed` when none is left because of it
 */
export async function checkClaims(
  parts: ClaimParts,
  { leaves, predecessors }: Into,
  claims: readonly ClaimedDevice[],
): Promise<CheckedClaims> {
  const adds: { keyPackage: VerifiedKeyPackage; claim: ClaimedDevice }[] = []
  const refused: RefusedDevice[] = []
  let refusal: ClientError | undefined
  for (const claim of claims) {
    if (leaves.some((leaf) => equal(leaf.deviceId, claim.deviceId) && equal(leaf.accountId, claim.accountId))) continue
    // P17. It is left out without a word where others of its account come.
    if (isShutOut(predecessors, claim)) {
      refusal ??= new ClientError("not_allowed", groupTexts.shutOut)
      continue
    }
    try {
      adds.push({ keyPackage: await genuine(parts, claim), claim })
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      refused.push({ claim, code: error.code })
      refusal ??= error
    }
  }
  if (adds.length === 0 && refusal) throw refusal
  return { adds, refused }
}

/** @throws ClientError `identity_untrusted` */
async function genuine({ own, states, trust }: ClaimParts, claim: ClaimedDevice): Promise<VerifiedKeyPackage> {
  const { keyPackage, identity } = parse(states.environment(), claim.keyPackage)
  const account = await trust.latest(claim.accountId)
  const device = account && findDevice(account.state, identity.deviceId)
  const isGenuine =
    keyPackage.suite === productSuite &&
    understandsSeats(keyPackage) &&
    identity.origin === own.origin &&
    equal(identity.accountId, claim.accountId) &&
    equal(identity.deviceId, claim.deviceId) &&
    device !== undefined &&
    equal(device.signatureKey, keyPackage.member.signatureKey) &&
    !(await trust.hasEnded(claim.accountId))
  if (!isGenuine) throw new ClientError("identity_untrusted", groupTexts.keyNotListed)
  return keyPackage
}

/** A member that does not could not be in a group to which others are added (RFC 9420 §12.2). */
function understandsSeats({ supports }: VerifiedKeyPackage): boolean {
  const { extensionTypes, proposalTypes } = applicationTypes
  return (
    extensionTypes.every((type) => supports.extensionTypes.includes(type)) &&
    proposalTypes.every((type) => supports.proposalTypes.includes(type))
  )
}

/** @throws ClientError `identity_untrusted` for what is no KeyPackage, `clock_differs` for one that is not valid now */
function parse(env: Environment, message: Uint8Array): { readonly keyPackage: VerifiedKeyPackage; readonly identity: Identity } {
  try {
    const keyPackage = parseKeyPackage(env, message)
    return { keyPackage, identity: decodeIdentity(keyPackage.member.identity) }
  } catch (error) {
    // RFC 9420 §7.3. A clock that differs says nothing about the server.
    if (error instanceof MlsError && error.code === "leaf_lifetime")
      throw new ClientError("clock_differs", groupTexts.keyNotValidNow, { cause: error, retryAfterMs: lifetimeRetryMs })
    if (error instanceof MlsError || error instanceof CodecError)
      throw new ClientError("identity_untrusted", groupTexts.noKey, { cause: error })
    throw error
  }
}

/** Nothing is encrypted to devices of a hard reset before the hold is over. */
export function heldError(
  untilMs: number,
  { nowMs, verifiedCounts }: { readonly nowMs: number; readonly verifiedCounts: boolean },
): ClientError {
  if (untilMs === Number.POSITIVE_INFINITY) return new ClientError("identity_untrusted", groupTexts.verifiedStartedOver)
  return new ClientError("identity_untrusted", groupTexts.startedOver(untilMs - nowMs, verifiedCounts))
}
