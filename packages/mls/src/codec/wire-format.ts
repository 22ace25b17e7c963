// The two fields every MLSMessage begins with, RFC 9420 §6 and §17.2.

import type { TlsReader, TlsWriter } from "@nodoor/bytes"
import { mls10 } from "./capabilities.ts"
import { check } from "./mls-error.ts"

export const wireFormat = { publicMessage: 1, privateMessage: 2, welcome: 3, groupInfo: 4, keyPackage: 5 } as const

export function writeHeader(writer: TlsWriter, format: number): void {
  writer.u16(mls10).u16(format)
}

/** Reads `version` and gives `wire_format`. @throws MlsError `unsupported_version` */
export function readHeader(reader: TlsReader): number {
  check(reader.u16() === mls10, "unsupported_version", "protocol version of a message")
  return reader.u16()
}
