// A member of a group by the account and device that its credential names.

import type { Member } from "@nodoor/mls"
import { type Identity, decodeIdentity } from "../../core/credential.ts"

/** A member whose credential was decoded. `leaf-judgement.ts` says whether it may be believed. */
export interface IdentifiedMember extends Member, Identity {}

/** @throws CodecError for a credential that is not one of ours */
export function identify(member: Member): IdentifiedMember {
  return { ...member, ...decodeIdentity(member.identity) }
}
