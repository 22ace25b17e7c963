// The screens that stand in the way: nothing can be shown, and this says why and what to do.

import { useSignal } from "@preact/signals"
import type { ComponentChildren, JSX } from "preact"
import { useEffect, useState } from "preact/hooks"
import { useApp } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { Confirm } from "../part/dialog.tsx"
import { Rings } from "../part/rings.tsx"
import css from "./blocked.module.css"

const quietMs = 300
const slowMs = 6000

export function StartingScreen(): JSX.Element {
  const [stage, setStage] = useState<"quiet" | "shown" | "slow">("quiet")
  useEffect(() => {
    const timers = [setTimeout(() => setStage("shown"), quietMs), setTimeout(() => setStage("slow"), slowMs)]
    return () => timers.forEach(clearTimeout)
  }, [])
  return (
    <main class={css.page} aria-busy="true">
      {stage !== "quiet" && (
        <div class={css.starting} role="status">
          <Rings size={40} class={css.breathing} />
          <p class={css.words}>
            {stage === "slow" ? "Still opening. Another tab may be busy with your messages." : "Opening your messages…"}
          </p>
        </div>
      )}
    </main>
  )
}

export function UnsupportedScreen(props: { readonly missing: readonly string[] }): JSX.Element {
  return (
    <Blocked title="This browser cannot keep your messages safe">
      <p>Nodoor encrypts on your device and stores everything encrypted. For that it needs what is missing here:</p>
      <ul class={css.list}>
        {props.missing.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p>Current versions of Chrome, Edge, Firefox and Safari have it. A private window may not.</p>
    </Blocked>
  )
}

export function LostScreen(): JSX.Element {
  const { host } = useApp()
  const asking = useSignal(false)
  const busy = useSignal(false)
  const erase = async (): Promise<void> => {
    asking.value = false
    busy.value = true
    await host.erase()
    busy.value = false
  }
  return (
    <Blocked title="This browser has thrown your messages away">
      <p>
        There was an account here, but its storage is gone or only half there. Browsers do that when site data is cleared, when the disk is
        full, or in some private modes.
      </p>
      <p>Nobody else has a copy, and neither does the server. If you use Nodoor on another device, your account is still there.</p>
      <div class={css.actions}>
        <Button icon="refresh-cw" onClick={() => host.restart()}>
          Look again
        </Button>
        <Button look="quiet" busy={busy.value} onClick={() => (asking.value = true)}>
          Start afresh…
        </Button>
      </div>
      {asking.value && (
        <Confirm
          title="Start afresh in this browser?"
          confirm="Remove what is left"
          final
          onClose={() => (asking.value = false)}
          onConfirm={() => void erase()}
        >
          <p>What is left of the old account is removed from this browser, and you can make a new one with another handle.</p>
        </Confirm>
      )}
    </Blocked>
  )
}

export function FailedScreen(props: { readonly code: string; readonly message: string }): JSX.Element {
  const { host } = useApp()
  return (
    <Blocked title="Your messages could not be opened">
      <p>{props.message}</p>
      <p class={css.code}>{props.code}</p>
      <div class={css.actions}>
        <Button look="primary" icon="refresh-cw" onClick={() => host.restart()}>
          Try again
        </Button>
      </div>
    </Blocked>
  )
}

/** Something of the page threw while it was drawn. What is stored is not touched by that. */
export function MishapScreen(): JSX.Element {
  return (
    <Blocked title="Something in this page went wrong">
      <p>Your messages are stored and nothing is lost. Reload the page to go on.</p>
      <div class={css.actions}>
        <Button look="primary" icon="refresh-cw" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </div>
    </Blocked>
  )
}

function Blocked(props: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <main class={css.page}>
      <div class={css.box}>
        <Rings size={36} class={css.rings} />
        <h1 class={css.title}>{props.title}</h1>
        <div class={css.body}>{props.children}</div>
      </div>
    </main>
  )
}
