// One action in progress, and why it failed.

import { type ConfirmedAct, operatorConfirmOptions } from "@nodoor/wire/operator"
import { type ReadonlySignal, useSignal } from "@preact/signals"
import { HostError } from "../../host/host.ts"
import { useConsole } from "../context.ts"
import { t } from "../text/catalogue.ts"

export interface Act {
  readonly busy: ReadonlySignal<boolean>
  readonly failure: ReadonlySignal<HostError | undefined>
  /** Runs one task at a time; a second call while one runs does nothing. Returns whether it succeeded. */
  run(task: () => Promise<void>): Promise<boolean>
}

export function useAct(): Act {
  const busy = useSignal(false)
  const failure = useSignal<HostError | undefined>(undefined)
  return {
    busy,
    failure,
    async run(task) {
      if (busy.peek()) return false
      busy.value = true
      failure.value = undefined
      try {
        await task()
        return true
      } catch (error) {
        failure.value = error instanceof HostError ? error : new HostError("unexpected", t.frame.notDone)
        return false
      } finally {
        busy.value = false
      }
    },
  }
}

/** Closes a dialog, but not while its action runs: the action would still happen when the passkey answers. */
export function useLeave(act: Pick<Act, "busy">, leave: () => void): () => void {
  return () => {
    if (!act.busy.peek()) leave()
  }
}

/** Asks for a passkey for one action. The answer is its `proof`, valid once. `check` inspects what is to be signed and may throw. */
export function useProof(): (act: ConfirmedAct, subject: string, check?: (options: string) => Promise<void>) => Promise<string> {
  const { client, passkeys } = useConsole()
  return async (act, subject, check) => {
    const { options } = await client.call(operatorConfirmOptions, { act, subject })
    await check?.(options)
    return passkeys.sign(options)
  }
}
