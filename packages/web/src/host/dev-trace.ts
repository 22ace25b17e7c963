// While the app is developed: `VITE_NODOOR_TRACE=jobs,reading npm run dev` writes what the device does to the worker's console, and bugs are
// shown there with their stack. Nothing of this is in the shipped bundle.

import { type Trace, traceOf } from "@nodoor/client"

export function devTrace(): Trace | undefined {
  if (!import.meta.env.DEV) return undefined
  const areas = import.meta.env["VITE_NODOOR_TRACE"] as string | undefined
  const { line } = traceOf(areas ?? "", (text) => console.debug(text))
  return { line, fault: (error) => console.error(error) }
}
