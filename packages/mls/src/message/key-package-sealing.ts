// What an application seals to the owner of a key package beside a Welcome: EncryptWithLabel to its init key, RFC 9420 §5.1.3.

import { assert } from "@nodoor/bytes"
import type { Engine } from "../api/api.ts"
import { isKnownSuite } from "../codec/capabilities.ts"
import { decryptWithLabel, encryptContext, encryptInContext, makeKeyPackageRef } from "../codec/cryptographic-objects.ts"
import { MlsError, check } from "../codec/mls-error.ts"
import { importKey } from "../tree/tree-kem.ts"
import { decodeKeyPackageSecret, keyPackageOf } from "./key-package.ts"

/** Labels of RFC 9420 itself: what is sealed with one of them means something else. */
const labelsOfMls: ReadonlySet<string> = new Set(["Welcome", "UpdatePathNode"])

export const sealToKeyPackage: Engine["sealToKeyPackage"] = (env, keyPackage, { label, plaintext }) => {
  assert(!labelsOfMls.has(label), "a label of the application's own")
  const { initKey, encoded } = keyPackageOf(env, keyPackage, undefined)
  const suite = env.crypto.suite(keyPackage.suite)
  const context = encryptContext(label, makeKeyPackageRef(suite, encoded))
  return encryptInContext(suite, importKey(suite, initKey), context, plaintext, env.crypto.random)
}

/** @throws MlsError `sealed_to_key_package` */
export const openWithKeyPackage: Engine["openWithKeyPackage"] = (env, { keyPackageSecret, label, kemOutput, ciphertext }) => {
  assert(!labelsOfMls.has(label), "a label of the application's own")
  const { keyPackage, initKey } = decodeKeyPackageSecret(keyPackageSecret)
  check(isKnownSuite(keyPackage.suite), "unsupported_suite", `cipher suite ${keyPackage.suite}`)
  const suite = env.crypto.suite(keyPackage.suite)
  const key = suite.importPrivateKey(initKey)
  if (key === undefined) throw new MlsError("broken_records", "the init key of a key package secret")
  const opened = decryptWithLabel(suite, key, label, makeKeyPackageRef(suite, keyPackage.encoded), { kemOutput, ciphertext })
  if (opened === undefined) throw new MlsError("sealed_to_key_package", "what was sealed to a key package does not open")
  return opened
}
