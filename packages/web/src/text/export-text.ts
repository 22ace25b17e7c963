import type { OwnExport } from "@nodoor/client"

/** The export as JSON. Bytes, which only the server's record holds, are written in lower-case hexadecimal. */
export function exportText(data: OwnExport): string {
  const hex = (value: Uint8Array): string => Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return JSON.stringify(
    { format: "nodoor-export/v1", ...data },
    (_key, value: unknown) => (value instanceof Uint8Array ? hex(value) : value),
    2,
  )
}
