// Settings: whether the recovery key has been written down, and what can be done with it.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { HostError } from "../host/host.ts"
import { Button } from "../part/button.tsx"
import { Confirm, Dialog } from "../part/dialog.tsx"
import { Row, RowCard } from "../part/rows.tsx"
import { Tile } from "../part/tile.tsx"
import { partText } from "../text/part-text.ts"
import { type PasskeySecret, makePasskey, mayHavePasskeys, usePasskey } from "./passkey.ts"
import { t } from "../text/catalogue.ts"
import css from "./recovery-pages.module.css"

export function RecoveryCard(): JSX.Element | null {
  const { router } = useApp()
  const { recovery } = useModel()
  const view = recovery.value
  if (view === undefined) return null
  const words = t.recovery.state
  const toWords = (): void => router.go({ at: "settings", section: "devices", page: "words" })
  return (
    <RowCard title={t.recovery.title}>
      {view.status === "unconfirmed" ? (
        <Row
          strong
          lead={<Tile icon="key-round" tint="caution" />}
          title={words.unconfirmed}
          sub={words.unconfirmedWords}
          end={
            <Button look="primary" onClick={toWords}>
              {words.write}
            </Button>
          }
        />
      ) : (
        <>
          <Row strong lead={<Tile icon="check" tint="positive" />} title={words.confirmed} sub={words.confirmedWords} />
          <Row title={words.check} sub={words.checkHint} onClick={() => router.go({ at: "settings", section: "devices", page: "check" })} />
          <Row title={words.again} sub={words.againHint} onClick={toWords} />
        </>
      )}
      <PasskeyRow on={view.passkey} />
    </RowCard>
  )
}

function PasskeyRow(props: { readonly on: boolean }): JSX.Element | null {
  const { device, account, attempt, notify } = useModel()
  const made = useSignal<PasskeySecret | undefined>(undefined)
  const problem = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  const removing = useSignal(false)
  const words = t.recovery.passkey
  if (!props.on && !mayHavePasskeys(window)) return null
  const trying = async (work: () => Promise<void>): Promise<void> => {
    busy.value = true
    problem.value = undefined
    try {
      await work()
    } catch (error) {
      problem.value = error instanceof HostError ? error.message : words.failed
    }
    busy.value = false
  }
  const add = (): Promise<void> =>
    trying(async () => {
      const key = await makePasskey({ name: words.account(account.peek().handle), displayName: words.account(account.peek().name) })
      await device.addRecoveryPasskey(key)
      made.value = key
    })
  const confirm = (key: PasskeySecret): Promise<void> =>
    trying(async () => {
      await device.confirmRecoveryPasskey(await usePasskey(key))
      made.value = undefined
      notify(words.added)
    })
  return (
    <Row
      lead={<Tile icon="fingerprint" tint={props.on ? "positive" : "grey"} />}
      title={props.on ? words.on : words.offer}
      sub={problem.value ?? (props.on ? words.onHint : words.offerHint)}
      end={
        props.on ? (
          <Button look="quiet" onClick={() => (removing.value = true)}>
            {words.remove}
          </Button>
        ) : (
          <Button busy={busy.value} onClick={() => void add()}>
            {words.add}
          </Button>
        )
      }
    >
      {made.value !== undefined && (
        <Dialog title={words.title} onClose={() => (made.value = undefined)}>
          <div class={css.dialog}>
            <p>{words.again}</p>
            {problem.value !== undefined && <p role="alert">{problem.value}</p>}
            <div class={css.row}>
              <Button look="primary" icon="fingerprint" busy={busy.value} onClick={() => made.value && void confirm(made.value)}>
                {words.useIt}
              </Button>
              <Button look="quiet" onClick={() => (made.value = undefined)}>
                {partText.cancel}
              </Button>
            </div>
          </div>
        </Dialog>
      )}
      {removing.value && (
        <Confirm
          title={words.removing.title}
          confirm={words.removing.confirm}
          onClose={() => (removing.value = false)}
          onConfirm={() => {
            removing.value = false
            void attempt(words.removing.failed, () => device.removeRecoveryPasskey())
          }}
        >
          <p>{words.removing.words}</p>
        </Confirm>
      )}
    </Row>
  )
}
