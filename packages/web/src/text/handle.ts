/** The handle that somebody wants to have: `alice`, `Alice`, `@alice`. Undefined if it cannot be one. */
export function handleOf(typed: string): string | undefined {
  const handle = typed.trim().toLowerCase().replace(/^@+/, "")
  return /^[a-z0-9._-]{3,32}$/.test(handle) ? handle : undefined
}
