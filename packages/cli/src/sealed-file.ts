// A small file of the profile, encrypted under a key derived from the store's and replaced as a whole.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"
import { open, readFile, rename } from "node:fs/promises"
import { dirname } from "node:path"
import { CliError } from "./cli-error.ts"
import { diskTrouble } from "./disk-trouble.ts"

const nonceBytes = 12
const tagBytes = 16
const maxFileBytes = 16 * 1024 * 1024

/** The content, or undefined if there is no file. @throws CliError `profile_damaged` */
export async function readSealed(path: string, storeKey: Uint8Array): Promise<string | undefined> {
  const sealed = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw diskTrouble(error) ?? new CliError("profile_damaged", "A file of the profile cannot be read.", { cause: error })
  })
  if (sealed === undefined) return undefined
  try {
    if (sealed.length > maxFileBytes) throw new RangeError("oversized")
    const opener = createDecipheriv("aes-256-gcm", fileKey(storeKey), sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
    opener.setAuthTag(sealed.subarray(-tagBytes))
    return Buffer.concat([opener.update(sealed.subarray(nonceBytes, -tagBytes)), opener.final()]).toString("utf8")
  } catch (error) {
    throw new CliError("profile_damaged", "A file of this profile is damaged or was changed.", { cause: error })
  }
}

/** Durable and whole when the promise resolves: the old content or the new, never a part. */
export async function writeSealed(path: string, storeKey: Uint8Array, content: string): Promise<void> {
  const nonce = randomBytes(nonceBytes)
  const sealer = createCipheriv("aes-256-gcm", fileKey(storeKey), nonce)
  const sealed = Buffer.concat([nonce, sealer.update(content, "utf8"), sealer.final(), sealer.getAuthTag()])
  await replaceFile(path, sealed)
}

/** Writes beside, syncs, renames over, syncs the folder. */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const beside = `${path}.new`
  const file = await open(beside, "w", 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
  const folder = await open(dirname(path), "r")
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function fileKey(storeKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", storeKey, new Uint8Array(0), "nodoor cli sealed file v1", 32))
}
