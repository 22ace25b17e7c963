// How dates and times are written: in the language of the interface, with the reader's own regional format (12 or 24 hours, order of day and month).

import { partText } from "./part-text.ts"

export interface Calendar {
  /** 14:05 */
  clock(timeMs: number): string
  /** Today, Yesterday, Monday, 3 June, 3 June 2025: the heading over a day. */
  day(timeMs: number, nowMs: number): string
  /** As short as a row of the chat list needs. */
  brief(timeMs: number, nowMs: number): string
  /** The whole moment, for details and labels. */
  full(timeMs: number): string
  /** 3 June 2025, of a UTC day written YYYY-MM-DD. */
  utcDay(day: string): string
  /** Equal for two moments of the same local day. */
  dayKey(timeMs: number): string
}

export function createCalendar(options: { readonly locale: string; readonly timeZone?: string }): Calendar {
  const locale = options.locale.startsWith(partText.language) ? options.locale : partText.locale
  const zone = options.timeZone === undefined ? {} : { timeZone: options.timeZone }
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", ...zone })
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", ...zone })
  const weekdayShort = new Intl.DateTimeFormat(locale, { weekday: "short", ...zone })
  const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", ...zone })
  const dayMonthShort = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...zone })
  const dayMonthYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", ...zone })
  const numeric = new Intl.DateTimeFormat(locale, { day: "2-digit", month: "2-digit", year: "2-digit", ...zone })
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short", ...zone })
  const utcDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" })
  const parts = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", ...zone })

  const dayKey = (timeMs: number): string => parts.format(timeMs)
  /** Whole calendar days from `timeMs` to `nowMs`, whatever daylight saving did in between. */
  const daysAgo = (timeMs: number, nowMs: number): number =>
    Math.round((Date.parse(dayKey(nowMs)) - Date.parse(dayKey(timeMs))) / 86_400_000)
  const sameYear = (a: number, b: number): boolean => dayKey(a).slice(0, 4) === dayKey(b).slice(0, 4)

  return {
    clock: (timeMs) => clock.format(timeMs),
    day(timeMs, nowMs) {
      const ago = daysAgo(timeMs, nowMs)
      if (ago === 0) return partText.today
      if (ago === 1) return partText.yesterday
      if (ago > 1 && ago < 7) return weekday.format(timeMs)
      return sameYear(timeMs, nowMs) ? dayMonth.format(timeMs) : dayMonthYear.format(timeMs)
    },
    brief(timeMs, nowMs) {
      const ago = daysAgo(timeMs, nowMs)
      if (ago === 0) return clock.format(timeMs)
      if (ago === 1) return partText.yesterday
      if (ago > 1 && ago < 7) return weekdayShort.format(timeMs)
      return sameYear(timeMs, nowMs) ? dayMonthShort.format(timeMs) : numeric.format(timeMs)
    },
    full: (timeMs) => full.format(timeMs),
    utcDay: (day) => utcDay.format(Date.parse(day)),
    dayKey,
  }
}
