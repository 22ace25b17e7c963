// The 32-byte key of a profile's encrypted store: in the keyring of the desktop session if there is one, else in a file beside the
// store. The kernel's keyring is never used, as it forgets at reboot.

import { Entry } from "@napi-rs/keyring"
import { randomBytes } from "node:crypto"
import { open, readFile } from "node:fs/promises"
import { join } from "node:path"
import { CliError } from "./cli-error.ts"
import { diskTrouble } from "./disk-trouble.ts"

/** Where a profile's key is; written into the profile, so that it is looked for in one place only. */
export type KeyPlace = { readonly kind: "keyring"; readonly name: string } | { readonly kind: "file" }

const keyBytes = 32
const service = "nodoor"
const fileName = "store.key"

/** Makes a key and keeps it, on disk or in the keyring, before the promise resolves. */
export async function makeStoreKey(
  folder: string,
  options: { readonly keyring: boolean },
): Promise<{ readonly key: Uint8Array; readonly place: KeyPlace }> {
  const key = randomBytes(keyBytes)
  const name = randomBytes(16).toString("hex")
  if (options.keyring && keptInKeyring(name, key)) return { key, place: { kind: "keyring", name } }
  const file = await open(join(folder, fileName), "wx", 0o600)
  try {
    await file.writeFile(key)
    await file.sync()
  } finally {
    await file.close()
  }
  return { key, place: { kind: "file" } }
}

/** @throws CliError `key_unavailable` when the keyring does not answer, `profile_damaged` when there is no key */
export async function readStoreKey(folder: string, place: KeyPlace): Promise<Uint8Array> {
  const key = place.kind === "keyring" ? fromKeyring(place.name) : await fromFile(folder)
  if (key?.length !== keyBytes) {
    throw new CliError("profile_damaged", "The key of this profile is missing. Without it, nothing in the profile can be read.", {
      next: "restore the profile from a backup, or register again with another --profile",
    })
  }
  return key
}

/** What the place of the key protects against, for the person. */
export function keyPlaceText(place: KeyPlace): string {
  return place.kind === "keyring"
    ? "This profile is encrypted. The key is in your keyring, so a copy of the folder can't be read."
    : "This profile is encrypted, but the key is in the same folder (store.key, readable only by you). Anyone who copies the whole folder can read it."
}

function keptInKeyring(name: string, key: Uint8Array): boolean {
  try {
    const entry = keyringEntry(name)
    entry.setSecret(key)
    return Buffer.from(entry.getSecret() ?? []).equals(key)
  } catch {
    return false
  }
}

function fromKeyring(name: string): Uint8Array | undefined {
  try {
    const secret = keyringEntry(name).getSecret()
    return secret === null ? undefined : Uint8Array.from(secret)
  } catch (error) {
    throw new CliError("key_unavailable", "The keyring that holds the key of this profile doesn't answer.", {
      next: "unlock your keyring and try again",
      cause: error,
    })
  }
}

function keyringEntry(name: string): Entry {
  return new Entry(service, name, { linux: { store: "secret-service" } })
}

async function fromFile(folder: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(join(folder, fileName))
  } catch (error) {
    const trouble = diskTrouble(error)
    if (trouble) throw trouble
    return undefined
  }
}
