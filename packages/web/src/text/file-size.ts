// How large a file is, in the units that people know from their devices.

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const

/** "380 kB", "2.4 MB". */
export function fileSize(bytes: number): string {
  let [size, unit] = [bytes, 0]
  for (; size >= 999.5 && unit < units.length - 1; unit++) size /= 1_000
  return new Intl.NumberFormat("en-GB", {
    style: "unit",
    unit: units[unit] ?? "byte",
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: unit > 0 && size < 9.95 ? 1 : 0,
  }).format(size)
}
