// Welcomes as they travel, RFC 9420 §12.4.3.1.

import { type TlsReader, TlsWriter, bytes, decodeTls } from "@nodoor/bytes"
import type { Engine } from "../api/api.ts"
import { readHpkeCiphertext, writeHpkeCiphertext } from "../tree/update-path.ts"
import type { HpkeCiphertext } from "../codec/cryptographic-objects.ts"
import { maxKeyBytes, maxLeaves, maxMessageBytes, maxPsks } from "../codec/limits.ts"
import { check, decoding } from "../codec/mls-error.ts"
import { type PreSharedKeyId, readPreSharedKeyId, writePreSharedKeyId } from "../secrets/psk.ts"
import { readHeader, wireFormat, writeHeader } from "../codec/wire-format.ts"

export interface EncryptedGroupSecrets {
  /** KeyPackageRef. */
  readonly newMember: Uint8Array
  readonly sealed: HpkeCiphertext
}

export interface Welcome {
  readonly suite: number
  readonly secrets: readonly EncryptedGroupSecrets[]
  readonly encryptedGroupInfo: Uint8Array
}

export interface GroupSecrets {
  readonly joiner: Uint8Array
  readonly pathSecret: Uint8Array | undefined
  readonly psks: readonly PreSharedKeyId[]
}

export function writeEncryptedGroupSecrets(writer: TlsWriter, entry: EncryptedGroupSecrets): void {
  writer.vector(entry.newMember)
  writeHpkeCiphertext(writer, entry.sealed)
}

function readEncryptedGroupSecrets(reader: TlsReader): EncryptedGroupSecrets {
  return { newMember: reader.vector(maxKeyBytes), sealed: readHpkeCiphertext(reader) }
}

export function readWelcome(reader: TlsReader): Welcome {
  return {
    suite: reader.u16(),
    secrets: reader.list(readEncryptedGroupSecrets, maxLeaves),
    encryptedGroupInfo: reader.vector(maxMessageBytes),
  }
}

export function encodeGroupSecrets(secrets: GroupSecrets): Uint8Array {
  return new TlsWriter()
    .vector(secrets.joiner)
    .optional(secrets.pathSecret, (writer, secret) => writer.vector(secret))
    .list(secrets.psks, writePreSharedKeyId)
    .finish()
}

export function readGroupSecrets(reader: TlsReader): GroupSecrets {
  return {
    joiner: reader.vector(maxKeyBytes),
    pathSecret: reader.optional((inner) => inner.vector(maxKeyBytes)),
    psks: reader.list(readPreSharedKeyId, maxPsks),
  }
}

/** A Welcome message of some of the parts that `commit` gave. */
export const encodeWelcome: Engine["encodeWelcome"] = (suite, parts) => {
  const writer = new TlsWriter()
  writeHeader(writer, wireFormat.welcome)
  return writer
    .u16(suite)
    .list(parts.secrets, (inner, encrypted) => inner.raw(encrypted))
    .vector(parts.encryptedGroupInfo)
    .finish()
}

/** @throws MlsError `wrong_wire_format`, the decoder's codes */
export function parseWelcome(message: Uint8Array): Welcome {
  return decoding(() => {
    check(message.length <= maxMessageBytes, "oversized", "a Welcome")
    return decodeTls(new Uint8Array(message), (reader) => {
      check(readHeader(reader) === wireFormat.welcome, "wrong_wire_format", "not a Welcome")
      return readWelcome(reader)
    })
  })
}

export const welcomeRefs: Engine["welcomeRefs"] = (welcome) =>
  parseWelcome(welcome).secrets.map((entry) => bytes<"KeyPackageRef">(entry.newMember))
