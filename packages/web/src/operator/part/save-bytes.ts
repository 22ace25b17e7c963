/** Saves bytes as a file. They are never opened in this page, whatever they are. */
export function saveBytes(name: string, content: Uint8Array | string): void {
  const part = typeof content === "string" ? content : (content as Uint8Array<ArrayBuffer>)
  const url = URL.createObjectURL(new Blob([part], { type: "application/octet-stream" }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  // Some browsers read the address only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
