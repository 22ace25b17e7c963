// Capabilities of a client, RFC 9420 §7.2. Unknown values (GREASE, §13.5) are kept as they are and mean nothing.

import type { TlsReader, TlsWriter } from "@nodoor/bytes"
import { credentialType } from "./credential.ts"
import { isDefaultExtension, readTypes, writeTypes } from "./extension.ts"
import type { CipherSuiteId } from "../provider/provider.ts"

export const mls10 = 1

/** The suites of `CipherSuiteId`, as numbers. */
export const knownSuites: readonly CipherSuiteId[] = [0x004f, 0x0001, 0x0003]

export function isKnownSuite(suite: number): suite is CipherSuiteId {
  return (knownSuites as readonly number[]).includes(suite)
}

export interface Capabilities {
  readonly versions: readonly number[]
  readonly cipherSuites: readonly number[]
  readonly extensions: readonly number[]
  readonly proposals: readonly number[]
  readonly credentials: readonly number[]
}

/** What an application understands besides this engine: extensions, and proposals of the private-use range. */
export interface ApplicationTypes {
  readonly extensionTypes?: readonly number[]
  readonly proposalTypes?: readonly number[]
}

/** What this engine can do, for a client of `suite` whose application also understands these types; and one GREASE value everywhere. */
export function ownCapabilities(suite: CipherSuiteId, application: ApplicationTypes, grease: number): Capabilities {
  const { extensionTypes = [], proposalTypes = [] } = application
  const sorted = (types: readonly number[]): number[] => [...new Set([...types, grease])].sort((a, b) => a - b)
  const extensions = sorted(extensionTypes).filter((type) => !isDefaultExtension(type))
  return {
    versions: [mls10],
    cipherSuites: [suite, grease],
    extensions,
    proposals: sorted(proposalTypes),
    credentials: [credentialType.basic, grease],
  }
}

export function writeCapabilities(writer: TlsWriter, capabilities: Capabilities): void {
  writeTypes(writer, capabilities.versions)
  writeTypes(writer, capabilities.cipherSuites)
  writeTypes(writer, capabilities.extensions)
  writeTypes(writer, capabilities.proposals)
  writeTypes(writer, capabilities.credentials)
}

export function readCapabilities(reader: TlsReader): Capabilities {
  return {
    versions: readTypes(reader),
    cipherSuites: readTypes(reader),
    extensions: readTypes(reader),
    proposals: readTypes(reader),
    credentials: readTypes(reader),
  }
}
