// The keys of the log: one that places labels in the map, the same for the life of the log, and one that signs checkpoints. Files
// beside the database that only the server can read. A copy of the database contains none of them.

import { createPublicKey, createPrivateKey } from "node:crypto"
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, writeSync } from "node:fs"
import { join } from "node:path"
import { CodecError, concat, fromBase64, fromHex, toBase64 } from "@nodoor/bytes"
import { type VrfPrivateKey, vrfPrivateKey } from "@nodoor/keylog"
import { serverX25519 } from "../../core/crypto.ts"
import type { Random } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"

/** An Ed25519 key that signs checkpoints. */
export interface SigningKey {
  readonly publicKey: Uint8Array
  /** 32-byte seed. */
  readonly privateKey: Uint8Array
}

export interface LogKeys {
  readonly vrf: VrfPrivateKey
  /** Oldest first; which one is in force the log itself says. */
  readonly signing: readonly SigningKey[]
}

const vrfFile = "vrf.key"
const signingFile = /^signing-(\d{1,4})\.key$/

/**
 * Reads the keys of the folder; makes them if `create`.
 * @throws ServerError `log_keys_unreadable`
 */
export function loadLogKeys(folder: string, { random, create }: { readonly random: Random; readonly create: boolean }): LogKeys {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (create) {
    for (const name of [vrfFile, "signing-1.key"]) if (!existsSync(join(folder, name))) writeSecret(folder, name, random(32))
  }
  return {
    vrf: loadVrfKey(folder),
    signing: signingNumbers(folder).map((number) => readSigningKey(folder, number)),
  }
}

/** @throws ServerError `log_keys_unreadable` */
export function loadVrfKey(folder: string): VrfPrivateKey {
  return vrfPrivateKey(readSecret(folder, vrfFile), serverX25519)
}

export function hasLogKeys(folder: string): boolean {
  return existsSync(join(folder, vrfFile))
}

/** Makes the next signing key; it signs nothing before the log says so. */
export function addSigningKey(folder: string, random: Random): SigningKey {
  const number = Math.max(0, ...signingNumbers(folder)) + 1
  writeSecret(folder, `signing-${number}.key`, random(32))
  return readSigningKey(folder, number)
}

/** The public key, 32 bytes, of a 32-byte seed. */
export function signingKey(privateKey: Uint8Array): SigningKey {
  const der = Buffer.from(concat(fromHex("302e020100300506032b657004220420"), privateKey))
  const spki = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({ format: "der", type: "spki" })
  return { privateKey, publicKey: new Uint8Array(spki.subarray(spki.length - 32)) }
}

function readSigningKey(folder: string, number: number): SigningKey {
  return signingKey(readSecret(folder, `signing-${number}.key`))
}

function signingNumbers(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => signingFile.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
}

function readSecret(folder: string, name: string): Uint8Array {
  try {
    const secret = fromBase64(readFileSync(join(folder, name), "utf8").trimEnd())
    if (secret.length === 32) return secret
  } catch (error) {
    if (!(error instanceof CodecError) && (error as NodeJS.ErrnoException).code === undefined) throw error
  }
  throw new ServerError(
    "log_keys_unreadable",
    `${join(folder, name)} is missing or no key. Restore it from the backup that has the database; the log cannot go on without it.`,
  )
}

/** On the disk as a whole, or not there. */
function writeSecret(folder: string, name: string, secret: Uint8Array): void {
  const next = join(folder, `${name}.next`)
  const file = openSync(next, "w", 0o600)
  try {
    writeSync(file, `${toBase64(secret)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(next, join(folder, name))
  const directory = openSync(folder, "r")
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
