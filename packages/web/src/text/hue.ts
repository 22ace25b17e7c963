const hues = [196, 150, 235, 275, 320, 40, 85, 120] as const

/** The tint of an account or a group, in degrees. It comes from the random id, so it never changes and means nothing. */
export function hueOf(id: string): number {
  return hues[Number.parseInt(id.slice(0, 4), 16) % hues.length] ?? hues[0]
}
