/** A handle as people type or paste it: `@alice`, `Alice`, `https://host/@alice`. Undefined if it cannot be one. */
export function handleOf(typed: string): string | undefined {
  const text = typed.trim().toLowerCase()
  const linked = /^https?:\/\/[^/]+\/@([^/#?]+)/.exec(text)?.[1]
  const handle = linked ?? text.replace(/^@+/, "")
  return /^[a-z0-9._-]{3,32}$/.test(handle) ? handle : undefined
}
