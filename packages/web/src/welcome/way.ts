// Which of the first screens is shown while this browser has no device.

import { type Signal, signal } from "@preact/signals"

/** `start` is the first screen; on a phone the form comes one step later. `was-here`: what can have become of an account that was here. */
export type Way = "start" | "create" | "link" | "recover" | "was-here"

export const way: Signal<Way> = signal("start")
