// Values in which several things stand one after the other. The attacker has the source, and so their layout.

const entryBytes = 28

/** Name and number of what stands in the value of this column. */
export function unpacked(place: string, value: Uint8Array): [field: string, number: number][] {
  if (!place.endsWith("placed.entries")) return []
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  const found: [string, number][] = []
  // 16 bytes of a hash, the order, the hour.
  for (let at = 0; at + entryBytes <= value.length; at += entryBytes) found.push(["hour", view.getUint32(at + entryBytes - 4)])
  return found
}
