/** Saves a text as a file. It never leaves the browser. */
export function saveFile(name: string, text: string, type: "application/json" | "text/html" = "application/json"): void {
  saveBlob(name, new Blob([text], { type }))
}

/** The same with bytes. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  // Some browsers read the address only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
