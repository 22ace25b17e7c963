// What the screens of linking say about a device, a number or a failure.

import { isolated } from "@nodoor/wire/shown-text"
import { t } from "../text/catalogue.ts"
import type { IconName } from "../icon/names.ts"

/** 1:07 */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

/** Two digits, also below ten: what is compared must look the same on both screens. */
export function twoDigits(number: number): string {
  return String(number).padStart(2, "0")
}

export function className(deviceClass: string): string {
  return Object.entries(t.link.classes).find(([name]) => name === deviceClass)?.[1] ?? t.link.otherClass
}

const icons: Readonly<Record<string, IconName>> = {
  cli: "terminal",
  desktop: "monitor",
  mobile: "smartphone",
  web: "laptop",
  "web-verified": "laptop",
  bot: "bot",
}

export function classIcon(deviceClass: string): IconName {
  return icons[deviceClass] ?? "monitor"
}

export function shownName(name: string): string {
  return isolated(name)
}
