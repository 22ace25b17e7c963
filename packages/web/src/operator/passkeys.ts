// Passkeys, and what can prevent their use. Input and output are the JSON of WebAuthn Level 3 §5.1.8, made and checked by the server.

import { browserSupportsWebAuthn, startAuthentication, startRegistration } from "@simplewebauthn/browser"
import { HostError } from "../host/host.ts"
import { t } from "./text/catalogue.ts"

export interface Passkeys {
  /** Why none can be used here. */
  readonly obstacle: PasskeyObstacle | undefined
  /** @throws HostError `passkey_failed` */
  create(options: string): Promise<string>
  /** @throws HostError `passkey_failed` */
  sign(options: string): Promise<string>
}

/** `address`: the page was opened by an IP address; passkeys belong to names. */
export type PasskeyObstacle = "address" | "insecure" | "unsupported"

export function createBrowserPasskeys(window: Window): Passkeys {
  return {
    obstacle: passkeyObstacle({
      hostname: window.location.hostname,
      secure: window.isSecureContext,
      supported: browserSupportsWebAuthn(),
    }),
    create: (options) => asking("make", async () => JSON.stringify(await startRegistration({ optionsJSON: JSON.parse(options) }))),
    sign: (options) => asking("use", async () => JSON.stringify(await startAuthentication({ optionsJSON: JSON.parse(options) }))),
  }
}

export function passkeyObstacle(place: {
  readonly hostname: string
  readonly secure: boolean
  readonly supported: boolean
}): PasskeyObstacle | undefined {
  if (isAddress(place.hostname)) return "address"
  if (!place.secure) return "insecure"
  return place.supported ? undefined : "unsupported"
}

/** As browsers write them: four decimal numbers, or IPv6 in brackets. */
export function isAddress(hostname: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname) || hostname.includes(":")
}

async function asking(verb: "make" | "use", run: () => Promise<string>): Promise<string> {
  try {
    return await run()
  } catch (error) {
    const name = error instanceof Error ? error.name : ""
    throw new HostError("passkey_failed", failures[name] ?? (verb === "make" ? t.frame.passkey.notMade : t.frame.passkey.notUsed))
  }
}

const failures: Readonly<Record<string, string>> = t.frame.passkey.failures
