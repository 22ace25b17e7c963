// The key with which a witness or an auditor signs. Made once, kept in its folder, readable by nobody else.

import { type NoteKey, formatVerifierKey, isOriginText, noteKey, noteKeyTypes } from "@nodoor/keylog"
import { randomBytes } from "node:crypto"
import { mkdir, open, readFile } from "node:fs/promises"
import { join } from "node:path"
import { CliError } from "../cli-error.ts"
import { crypto, publicKeyOf } from "./crypto.ts"

export interface CosignerKey {
  readonly key: NoteKey
  /** 32-byte Ed25519 seed. */
  readonly privateKey: Uint8Array
  /** What a log's operator puts into the policy. */
  readonly verifierKey: string
}

/**
 * Reads the key of a folder, or makes one under `name` if there is none: `name` is a host of yours and a word, as in `witness.example/anna`.
 * @throws CliError `usage` without a name or for another name than the key's, `state_damaged`
 */
export async function cosignerKey(folder: string, name: string | undefined): Promise<CosignerKey> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, "key")
  const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw new CliError("state_damaged", `${path} cannot be read.`, { cause: error })
  })
  if (found !== undefined) return readKey(found, path, name)
  if (name === undefined)
    throw new CliError("usage", "A new key needs a name: one of your host names and a word.", { next: "--name witness.example/anna" })
  if (!isOriginText(name))
    throw new CliError("usage", `${JSON.stringify(name)} is not a valid name.`, { next: "--name witness.example/anna" })
  const made = keyOf(name, new Uint8Array(randomBytes(32)))
  const file = await open(path, "wx", 0o600)
  try {
    await file.writeFile(`${name} ${Buffer.from(made.privateKey).toString("base64")}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  return made
}

function readKey(content: string, path: string, name: string | undefined): CosignerKey {
  const match = /^(\S+) ([A-Za-z0-9+/]{43}=)\n$/.exec(content)
  if (match === null) throw new CliError("state_damaged", `${path} is not a key.`)
  const [, found = "", seed = ""] = match
  if (name !== undefined && name !== found)
    throw new CliError("usage", `The key of this folder is named ${found}.`, { next: "leave --name out, or use another --dir" })
  return keyOf(found, new Uint8Array(Buffer.from(seed, "base64")))
}

function keyOf(name: string, privateKey: Uint8Array): CosignerKey {
  const key = noteKey(crypto, { name, type: noteKeyTypes.cosignature, publicKey: publicKeyOf(privateKey) })
  return { key, privateKey, verifierKey: formatVerifierKey(key) }
}
