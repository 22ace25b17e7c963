// How the app looks. Kept in this browser and not in the account, because a phone and a desktop differ.

import { type Signal, effect, signal } from "@preact/signals"
import type { SiteStorage } from "../host/site-storage.ts"

export const themes = ["system", "light", "dark"] as const
export type Theme = (typeof themes)[number]
export const textSizes = ["small", "normal", "large", "largest"] as const
export type TextSize = (typeof textSizes)[number]

export interface Appearance {
  readonly theme: Signal<Theme>
  readonly textSize: Signal<TextSize>
  readonly compact: Signal<boolean>
}

const key = "nodoor.appearance"

export function createAppearance(root: HTMLElement, storage: SiteStorage): Appearance {
  const saved = readSaved(storage)
  const theme = signal<Theme>(themes.find((one) => one === saved["theme"]) ?? "system")
  const textSize = signal<TextSize>(textSizes.find((one) => one === saved["textSize"]) ?? "normal")
  const compact = signal(saved["compact"] === true)
  effect(() => {
    root.dataset["theme"] = theme.value
    root.dataset["text"] = textSize.value
    root.dataset["rows"] = compact.value ? "compact" : "roomy"
    storage.setItem(key, JSON.stringify({ theme: theme.value, textSize: textSize.value, compact: compact.value }))
  })
  return { theme, textSize, compact }
}

function readSaved(storage: SiteStorage): Record<string, unknown> {
  try {
    const saved: unknown = JSON.parse(storage.getItem(key) ?? "{}")
    return typeof saved === "object" && saved !== null ? { ...saved } : {}
  } catch {
    return {}
  }
}
