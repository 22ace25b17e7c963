// Everything that the server knows about the account, as its desk would hand it over: one signed JSON text with a letter inside.

import { CodecError, fromUtf8 } from "@nodoor/bytes"
import { ownArchive } from "@nodoor/wire"
import type { ServerArchive } from "./own-export.ts"
import { NetworkError } from "../core/client-error.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Session } from "../core/session.ts"

/**
 * The text is kept exactly as it came, so that its signature can be checked: `nodoor export --verify` does. Here is only looked whether it
 * is an archive at all. @throws WireError, NetworkError
 */
export async function serverArchive({ session, own }: { readonly session: Session; readonly own: OwnDevice }): Promise<ServerArchive> {
  const { archive } = await session.call(ownArchive, {})
  const host = own.origin.replace(/[^a-zA-Z0-9.-]/g, "-")
  const name = `what-${host}-knows-about-${own.handle}`
  const text = strictText(archive)
  return { name: `${name}.json`, text, letter: { name: `${name}.html`, html: letterOf(text) } }
}

function strictText(archive: Uint8Array): string {
  try {
    return fromUtf8(archive)
  } catch (error) {
    if (error instanceof CodecError) throw refused(error)
    throw error
  }
}

function letterOf(text: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refused(error)
  }
  const { format, letter } = (typeof value === "object" && value !== null ? value : {}) as { format?: unknown; letter?: unknown }
  if (format !== "nodoor-disclosure/v1" || typeof letter !== "string") throw refused(undefined)
  return letter
}

function refused(cause: unknown): NetworkError {
  return new NetworkError("an answer of another form", { maybeDone: true, cause })
}
