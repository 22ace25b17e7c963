// Key packages, RFC 9420 §10: what a client publishes so that others can add it while it is away.

import { type TlsReader, TlsWriter, bytes, concat, decodeTls, equal } from "@nodoor/bytes"
import type { Engine, Extension, VerifiedKeyPackage } from "../api/api.ts"
import { isKnownSuite, mls10, ownCapabilities } from "../codec/capabilities.ts"
import { basicCredential, identityOf } from "../codec/credential.ts"
import { makeKeyPackageRef, signWithLabel, vectorPrefixBytes, verifyWithLabel } from "../codec/cryptographic-objects.ts"
import { checkDistinct, extensionType, findExtension, readExtensions, writeExtensions } from "../codec/extension.ts"
import { greaseExtension, greaseValue } from "../codec/grease.ts"
import { maxLifetimeOf, resolveOptions } from "../codec/group-options.ts"
import { type LeafNode, readLeafNode, signLeafNode, writeLeafNode } from "../tree/leaf-node.ts"
import { checkLeafExtensions, checkLeafNode, checkLifetime } from "../tree/leaf-node-validation.ts"
import { maxKeyBytes, maxMessageBytes } from "../codec/limits.ts"
import { check, decoding } from "../codec/mls-error.ts"
import type { CipherSuiteId, SuiteCrypto } from "../provider/provider.ts"
import { readHeader, wireFormat, writeHeader } from "../codec/wire-format.ts"

export interface KeyPackage {
  readonly version: number
  readonly suite: number
  readonly initKey: Uint8Array
  readonly leafNode: LeafNode
  readonly extensions: readonly Extension[]
  readonly signature: Uint8Array
  readonly encoded: Uint8Array
}

/** The private half that `generateKeyPackage` gives to store. */
export interface KeyPackageSecret {
  readonly keyPackage: KeyPackage
  readonly initKey: Uint8Array
  readonly encryptionKey: Uint8Array
}

export const generateKeyPackage: Engine["generateKeyPackage"] = (env, input) => {
  const suite = env.crypto.suite(input.suite)
  const init = suite.deriveKeyPair(env.crypto.random(suite.hashBytes))
  const encryption = suite.deriveKeyPair(env.crypto.random(suite.hashBytes))
  const nowS = BigInt(Math.floor(env.timeMs / 1000))
  const extensionTypes = [...(input.extensionTypes ?? []), ...(input.lastResort ? [extensionType.lastResort] : [])]
  const earlierS = BigInt(input.earlierS ?? 3600)
  const grease = greaseValue(env.crypto.random)
  const leafNode = signLeafNode(
    suite,
    {
      encryptionKey: encryption.publicKey.bytes,
      signatureKey: input.signer.publicKey,
      credential: basicCredential(input.signer.identity),
      capabilities: ownCapabilities(input.suite, { extensionTypes, proposalTypes: input.proposalTypes ?? [] }, grease),
      source: { type: "key_package", lifetime: { notBeforeS: nowS - earlierS, notAfterS: nowS + BigInt(Math.floor(input.lifetimeS)) } },
      extensions: [...(input.leafExtensions ?? []), greaseExtension(grease, env.crypto.random)],
    },
    input.signer.privateKey,
    { groupId: new Uint8Array(0), leafIndex: 0 },
  )
  checkLeafExtensions(leafNode)
  const lastResort = input.lastResort ? [{ type: extensionType.lastResort, data: new Uint8Array(0) }] : []
  const extensions = [...lastResort, greaseExtension(grease, env.crypto.random)]
  const writer = new TlsWriter().u16(mls10).u16(input.suite).vector(init.publicKey.bytes)
  writeLeafNode(writer, leafNode)
  writeExtensions(writer, extensions)
  const content = writer.finish()
  const signature = signWithLabel(suite, input.signer.privateKey, "KeyPackageTBS", content)
  const encoded = concat(content, new TlsWriter().vector(signature).finish())
  return {
    message: encodeKeyPackageMessage(encoded),
    ref: bytes<"KeyPackageRef">(makeKeyPackageRef(suite, encoded)),
    secret: encodeKeyPackageSecret({
      keyPackage: decodeTls(encoded, readKeyPackage),
      initKey: init.privateKey.bytes,
      encryptionKey: encryption.privateKey.bytes,
    }),
  }
}

export function encodeKeyPackageMessage(encodedKeyPackage: Uint8Array): Uint8Array {
  const writer = new TlsWriter()
  writeHeader(writer, wireFormat.keyPackage)
  return writer.raw(encodedKeyPackage).finish()
}

export function readKeyPackage(reader: TlsReader): KeyPackage {
  const start = reader.offset
  const content = {
    version: reader.u16(),
    suite: reader.u16(),
    initKey: reader.vector(maxKeyBytes),
    leafNode: readLeafNode(reader),
    extensions: readExtensions(reader),
    signature: reader.vector(maxKeyBytes),
  }
  return { ...content, encoded: reader.since(start) }
}

const verified = new WeakMap<VerifiedKeyPackage, KeyPackage>()

/** Reads and validates a KeyPackage somebody published, RFC 9420 §10.1. Its credential is for the caller to judge. */
export const parseKeyPackage: Engine["parseKeyPackage"] = (env, message, options) => {
  const keyPackage = decoding(() => {
    check(message.length <= maxMessageBytes, "oversized", "a key package message")
    return decodeTls(new Uint8Array(message), (reader) => {
      check(readHeader(reader) === wireFormat.keyPackage, "wrong_wire_format", "not a key package")
      return readKeyPackage(reader)
    })
  })
  // RFC 9420 §10: "MUST verify that the version field of the KeyPackage has the same value as the version field of the MLSMessage"
  check(keyPackage.version === mls10, "unsupported_version", "protocol version of a key package")
  check(isKnownSuite(keyPackage.suite), "unsupported_suite", `cipher suite ${keyPackage.suite}`)
  const suite = env.crypto.suite(keyPackage.suite)
  checkKeyPackage(suite, keyPackage, keyPackage.suite, maxLifetimeOf(resolveOptions(options)))
  checkLifetime(keyPackage.leafNode, env.timeMs)
  const { leafNode } = keyPackage
  check(leafNode.source.type === "key_package", "leaf_source", "a key package's leaf has another source")
  const result: VerifiedKeyPackage = {
    ref: bytes<"KeyPackageRef">(makeKeyPackageRef(suite, keyPackage.encoded)),
    member: { identity: identityOf(leafNode.credential), signatureKey: leafNode.signatureKey },
    suite: keyPackage.suite,
    lifetime: leafNode.source.lifetime,
    lastResort: findExtension(keyPackage.extensions, extensionType.lastResort) !== undefined,
    supports: { extensionTypes: leafNode.capabilities.extensions, proposalTypes: leafNode.capabilities.proposals },
    message: encodeKeyPackageMessage(keyPackage.encoded),
  }
  verified.set(result, keyPackage)
  return result
}

/** The KeyPackage behind what `parseKeyPackage` returned; verified again when the object is only a copy of it. */
export function keyPackageOf(
  env: Parameters<Engine["parseKeyPackage"]>[0],
  input: VerifiedKeyPackage,
  maxLifetimeS: number | undefined,
): KeyPackage {
  const known = verified.get(input)
  if (known !== undefined) return known
  const again = parseKeyPackage(env, input.message, { maxLifetimeS: maxLifetimeS ?? Infinity })
  return verified.get(again) as KeyPackage
}

/**
 * RFC 9420 §10.1, except the lifetime's relation to the present. `groupSuite` is the suite it must have.
 * @throws MlsError
 */
export function checkKeyPackage(
  suite: SuiteCrypto,
  keyPackage: KeyPackage,
  groupSuite: CipherSuiteId,
  maxLifetimeS: number | undefined,
): void {
  check(keyPackage.version === mls10, "unsupported_version", "protocol version of a key package")
  check(keyPackage.suite === groupSuite, "key_package_suite", "a key package of another cipher suite")
  checkDistinct(keyPackage.extensions)
  check(keyPackage.leafNode.source.type === "key_package", "leaf_source", "a key package's leaf has another source")
  // RFC 9420 §13.4: unknown extensions of a KeyPackage are ignored, and §10.1 does not ask that its leaf lists them. (§7.2 asks that of the
  // leaf's own extensions only.)
  checkLeafNode(suite, keyPackage.leafNode, { groupId: new Uint8Array(0), leafIndex: 0, maxLifetimeS, importKey: true })
  check(suite.importPublicKey(keyPackage.initKey) !== undefined, "invalid_public_key", "init key of a key package")
  check(!equal(keyPackage.initKey, keyPackage.leafNode.encryptionKey), "key_package_keys", "the init key is the encryption key")
  const contentBytes = keyPackage.encoded.length - keyPackage.signature.length - vectorPrefixBytes(keyPackage.signature.length)
  const content = keyPackage.encoded.subarray(0, contentBytes)
  const signed = verifyWithLabel(suite, keyPackage.leafNode.signatureKey, "KeyPackageTBS", content, keyPackage.signature)
  check(signed, "key_package_signature", "a key package's signature does not verify")
}

export function encodeKeyPackageSecret(secret: KeyPackageSecret): Uint8Array {
  return new TlsWriter().u8(1).vector(secret.keyPackage.encoded).vector(secret.initKey).vector(secret.encryptionKey).finish()
}

/** @throws MlsError `broken_records` for bytes that `encodeKeyPackageSecret` did not write */
export function decodeKeyPackageSecret(secret: Uint8Array): KeyPackageSecret {
  return decoding(() =>
    decodeTls(new Uint8Array(secret), (reader) => {
      check(reader.u8() === 1, "broken_records", "version of a key package secret")
      return {
        keyPackage: decodeTls(reader.vector(maxMessageBytes), readKeyPackage),
        initKey: reader.vector(maxKeyBytes),
        encryptionKey: reader.vector(maxKeyBytes),
      }
    }),
  )
}
