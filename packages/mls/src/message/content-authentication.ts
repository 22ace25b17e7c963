// Signatures of framed content, RFC 9420 §6.1, and the membership tag of §6.2.

import { TlsWriter, equal } from "@nodoor/bytes"
import { mls10 } from "../codec/capabilities.ts"
import { signWithLabel, verifyWithLabel } from "../codec/cryptographic-objects.ts"
import {
  type AuthData,
  type AuthenticatedContent,
  type FramedContent,
  type PublicMessage,
  writeAuthData,
  writeFramedContent,
} from "./framing.ts"
import { check } from "../codec/mls-error.ts"
import type { SuiteCrypto } from "../provider/provider.ts"

declare const verified: unique symbol
/** Content whose signature was verified with its sender's key. Made by `verifyContent`, and by `signContent` for our own. */
export type VerifiedContent = AuthenticatedContent & { readonly [verified]: true }

/** FramedContentTBS. `context` is the encoded GroupContext of the epoch. */
function toBeSigned(wireFormat: number, framed: FramedContent, context: Uint8Array): TlsWriter {
  const writer = new TlsWriter(framed.body.length + context.length + 512).u16(mls10).u16(wireFormat)
  writeFramedContent(writer, framed)
  if (framed.sender.type === "member" || framed.sender.type === "new_member_commit") writer.raw(context)
  return writer
}

/** Signs content. The confirmation tag of a commit comes later and is not covered. */
export function signContent(
  suite: SuiteCrypto,
  wireFormat: number,
  framed: FramedContent,
  context: Uint8Array,
  privateKey: Uint8Array,
): Uint8Array {
  return toBeSigned(wireFormat, framed, context).lend((tbs) => signWithLabel(suite, privateKey, "FramedContentTBS", tbs))
}

/** Marks content that this member has just signed itself. */
export function ownContent(content: AuthenticatedContent): VerifiedContent {
  return content as VerifiedContent
}

/** @throws MlsError `invalid_signature` */
export function verifyContent(
  suite: SuiteCrypto,
  content: AuthenticatedContent,
  context: Uint8Array,
  signatureKey: Uint8Array,
): VerifiedContent {
  const signed = toBeSigned(content.wireFormat, content.framed, context).lend((tbs) =>
    verifyWithLabel(suite, signatureKey, "FramedContentTBS", tbs, content.auth.signature),
  )
  check(signed, "invalid_signature", "a message's signature does not verify")
  return content as VerifiedContent
}

/** MAC over AuthenticatedContentTBM. */
export function membershipTag(
  suite: SuiteCrypto,
  membershipKey: Uint8Array,
  wireFormat: number,
  framed: FramedContent,
  auth: AuthData,
  context: Uint8Array,
): Uint8Array {
  const writer = toBeSigned(wireFormat, framed, context)
  writeAuthData(writer, auth)
  return suite.mac(membershipKey, writer.finish())
}

/** @throws MlsError `membership_tag` */
export function checkMembershipTag(
  suite: SuiteCrypto,
  membershipKey: Uint8Array,
  wireFormat: number,
  message: PublicMessage,
  context: Uint8Array,
): void {
  const expected = membershipTag(suite, membershipKey, wireFormat, message.framed, message.auth, context)
  check(
    message.membershipTag !== undefined && equal(message.membershipTag, expected),
    "membership_tag",
    "the sender is not shown to be a member",
  )
}
