// A passkey that opens the recovery key: the PRF extension of WebAuthn (Level 3 §10.1.4) turns a salt into a secret that only this passkey
// makes. Not every browser and not every passkey can; whether one can is known only after it was asked. Nothing of this goes to a server.

import type { Hex } from "@nodoor/client"
import { HostError } from "../host/host.ts"
import { t } from "../text/catalogue.ts"

export interface PasskeySecret {
  readonly id: Hex
  readonly salt: Hex
  readonly secret: Hex
}

const saltBytes = 32
const secretBytes = 32
const es256 = -7
const rs256 = -257

/** Whether it is worth offering: a passkey belongs to a name over a secure connection. */
export function mayHavePasskeys(window: Window): boolean {
  const { hostname } = window.location
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname) || hostname.includes(":")
  return window.isSecureContext && !isAddress && "PublicKeyCredential" in window
}

/** Makes a passkey and has it make the secret. @throws HostError `passkey_unsupported`, `passkey_cancelled` */
export async function makePasskey(account: { readonly name: string; readonly displayName: string }): Promise<PasskeySecret> {
  const made = await asking(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: "Nodoor" },
        user: { ...account, id: randomBytes(16) },
        challenge: randomBytes(32),
        pubKeyCredParams: [es256, rs256].map((alg) => ({ type: "public-key" as const, alg })),
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        extensions: { prf: {} },
      },
    }),
  )
  if (!(made instanceof PublicKeyCredential) || made.getClientExtensionResults().prf?.enabled !== true) throw unsupported()
  const key = { id: toHex(new Uint8Array(made.rawId)), salt: toHex(randomBytes(saltBytes)) }
  return { ...key, secret: await usePasskey(key) }
}

/** What this passkey makes of the salt, the same each time. @throws HostError `passkey_unsupported`, `passkey_cancelled` */
export async function usePasskey(key: Pick<PasskeySecret, "id" | "salt">): Promise<Hex> {
  const used = await asking(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: randomBytes(32),
        allowCredentials: [{ type: "public-key", id: fromHex(key.id) }],
        userVerification: "required",
        extensions: { prf: { eval: { first: fromHex(key.salt) } } },
      },
    }),
  )
  const first = used instanceof PublicKeyCredential ? used.getClientExtensionResults().prf?.results?.first : undefined
  if (first === undefined) throw unsupported()
  const secret = first instanceof ArrayBuffer ? new Uint8Array(first) : new Uint8Array(first.buffer, first.byteOffset, first.byteLength)
  if (secret.length < secretBytes) throw unsupported()
  return toHex(secret.subarray(0, secretBytes))
}

async function asking<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const name = error instanceof Error ? error.name : ""
    if (name === "NotSupportedError" || name === "SecurityError") throw unsupported()
    throw new HostError("passkey_cancelled", t.recovery.passkey.cancelled)
  }
}

function unsupported(): HostError {
  return new HostError("passkey_unsupported", t.recovery.passkey.unsupported)
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}

function toHex(bytes: Uint8Array): Hex {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function fromHex(hex: Hex): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
