// Numbers, sizes and dates as people read them.

import { partText } from "../../text/part-text.ts"
import { t } from "./catalogue.ts"

/** Decimal units, as disks are sold: 0 B, 812 B, 1.2 kB, 34 MB. */
export function sizeText(bytes: number): string {
  const { units } = t.amounts
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** "3 minutes", "2 hours", "5 days": how long something took or has been. */
export function spanText(spanMs: number): string {
  const minutes = Math.floor(Math.max(0, spanMs) / 60_000)
  if (minutes < 1) return t.amounts.lessThanMinute
  if (minutes < 60) return t.amounts.minutes(minutes)
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? t.amounts.hours(hours) : t.amounts.days(Math.floor(hours / 24))
}

const dayFormat = new Intl.DateTimeFormat(partText.locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" })

/** "20 November 2026" of a UTC day as YYYY-MM-DD. */
export function dayText(day: string): string {
  const timeMs = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(timeMs) ? day : dayFormat.format(timeMs)
}

/** Hexadecimal in groups of five, as all codes of Nodoor. */
export function grouped(code: string): string {
  return code.replaceAll(/(.{5})(?=.)/g, "$1 ")
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}
