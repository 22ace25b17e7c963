// Erasing everything that this device holds.

import { useApp, useModel } from "../app/context.ts"
import { t } from "../text/catalogue.ts"

export function useErase(): () => Promise<unknown> {
  const { host } = useApp()
  const { attempt } = useModel()
  return () => attempt(t.settings.data.notErased, () => host.erase())
}
