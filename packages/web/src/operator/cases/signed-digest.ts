// What a passkey signs when it approves a case: the digest that is on the screen, and not what the case has become since it was shown.

import { HostError } from "../../host/host.ts"
import { t } from "../text/catalogue.ts"

/** The challenge of an approval: SHA-256 of "nodoor/desk-approval/v1" ‖ 0x00 ‖ the digest, base64url. `digest`: 64 hexadecimal digits. */
export async function approvalChallenge(digest: string): Promise<string> {
  const raw = Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(digest.slice(2 * at, 2 * at + 2), 16))
  const label = new TextEncoder().encode("nodoor/desk-approval/v1\0")
  const input = new Uint8Array(label.length + raw.length)
  input.set(label)
  input.set(raw, label.length)
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", input))
  return btoa(String.fromCharCode(...hash))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "")
}

/** `options`: what the passkey is to be asked. @throws HostError `operator_refused` if it would sign another state of the case */
export async function requireShown(options: string, digest: string): Promise<void> {
  if ((JSON.parse(options) as { readonly challenge?: unknown }).challenge === (await approvalChallenge(digest))) return
  throw new HostError("operator_refused", t.frame.wrong.caseChanged)
}
