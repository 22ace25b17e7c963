// Credentials, RFC 9420 §5.3. The engine carries both standard types; whether an identity is who it says is the caller's decision.

import { CodecError, type TlsReader, type TlsWriter } from "@nodoor/bytes"
import { maxListItems, maxOpaqueBytes } from "./limits.ts"

export const credentialType = { basic: 1, x509: 2 } as const

export type Credential =
  | { readonly type: 1; readonly identity: Uint8Array }
  | { readonly type: 2; readonly certificates: readonly Uint8Array[] }

export function basicCredential(identity: Uint8Array): Credential {
  return { type: credentialType.basic, identity }
}

/** Identity of a basic credential; empty for another type. */
export function identityOf(credential: Credential): Uint8Array {
  return credential.type === credentialType.basic ? credential.identity : new Uint8Array(0)
}

export function writeCredential(writer: TlsWriter, credential: Credential): void {
  writer.u16(credential.type)
  if (credential.type === credentialType.basic) writer.vector(credential.identity)
  else writer.list(credential.certificates, (inner, certificate) => inner.vector(certificate))
}

/** @throws CodecError `invalid_value` for a type whose form nobody here knows, RFC 9420 §13.3 */
export function readCredential(reader: TlsReader): Credential {
  const type = reader.u16()
  if (type === credentialType.basic) return { type, identity: reader.vector(maxOpaqueBytes) }
  if (type === credentialType.x509) return { type, certificates: reader.list((inner) => inner.vector(maxOpaqueBytes), maxListItems) }
  throw new CodecError("invalid_value", `credential type ${type}`)
}
