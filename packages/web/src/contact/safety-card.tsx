// Is it really them? The 60 digits, their QR code, what the log of keys says, and the moment when it is settled.

import type { ContactView, SafetyView } from "@nodoor/client"
import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { Button } from "../part/button.tsx"
import { QrCode } from "../part/qr-code.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { Rings } from "../part/rings.tsx"
import { useCopy } from "../part/use-copy.ts"
import type { Calendar } from "../text/time.ts"
import { list } from "../text/event-text.ts"
import css from "./safety-card.module.css"

export function SafetyCard(props: { readonly contact: ContactView }): JSX.Element {
  const { contact } = props
  const { calendar } = useApp()
  const { device, attempt, contactsVersion } = useModel()
  const copy = useCopy()
  const safety = useLoad(() => device.safety(contact.accountId), [contact.accountId, contact.verified, contactsVersion.value])
  const open = useSignal(contact.identityChange !== undefined)
  /** The rings close once, right after the person confirmed. */
  const closing = useSignal(false)
  const busy = useSignal(false)
  const checking = useSignal(false)

  const setVerified = async (verified: boolean): Promise<void> => {
    busy.value = true
    const done = await attempt(verified ? "The verification could not be saved." : "The verification could not be withdrawn.", () =>
      device.setVerified(contact.accountId, verified),
    )
    busy.value = false
    closing.value = verified && done
    if (done && verified) open.value = false
  }
  const check = async (): Promise<void> => {
    checking.value = true
    await attempt("The key log could not be asked.", () => device.checkTransparency(contact.accountId))
    checking.value = false
    safety.reload()
  }
  const verified = contact.verified && contact.identityChange === undefined
  return (
    <section class={`${css.card} ${verified ? css.verified : ""}`} aria-label="Safety number">
      <div class={css.head} role="status">
        <Rings size={26} closing={closing.value} class={verified ? css.ringsOn : css.ringsOff} key={String(closing.value)} />
        <div class={css.headWords}>
          <h4 class={css.title}>
            {verified
              ? `Verified: it is ${isolated(contact.name)}`
              : contact.identityChange?.wasVerified === true
                ? "Verify again"
                : "Not verified yet"}
          </h4>
          <p class={css.sub}>
            {verified
              ? safety.value?.verifiedAtMs === undefined
                ? "You compared safety numbers."
                : `You compared safety numbers on ${calendar.full(safety.value.verifiedAtMs)}.`
              : `Compare this number with ${isolated(contact.name)} to be sure that nobody sits between you.`}
          </p>
        </div>
      </div>
      {!open.value && (
        <Button look={verified ? "quiet" : "plain"} icon="qr-code" onClick={() => (open.value = true)}>
          {verified ? "Show safety number" : "Compare safety number"}
        </Button>
      )}
      {open.value &&
        (safety.value === undefined ? (
          safety.failure === undefined ? (
            <Skeleton rows={4} look="lines" />
          ) : (
            <FailedState title="The safety number could not be read" failure={safety.failure} onRetry={safety.reload} />
          )
        ) : (
          <>
            <QrCode text={safety.value.qr} label="Safety number as a QR code" />
            <ol class={css.digits} aria-label="Safety number">
              {safety.value.digits.map((group, index) => (
                <li key={index}>{group}</li>
              ))}
            </ol>
            <p class={css.how}>
              <Icon name="phone" size={18} />
              <span>
                Say it on a call, or hold your screens side by side. If both see the same sixty digits, it is <bdi>{contact.name}</bdi> and
                nobody in between. Do not send the number in this chat: whoever could read it could change it.
              </span>
            </p>
            <div class={css.actions}>
              {verified ? (
                <Button look="quiet" busy={busy.value} onClick={() => void setVerified(false)}>
                  Withdraw verification
                </Button>
              ) : (
                <Button look="primary" icon="check" busy={busy.value} onClick={() => void setVerified(true)}>
                  The numbers match
                </Button>
              )}
              <Button look="quiet" icon="copy" onClick={() => copy(safety.value?.digits.join(" ") ?? "", "The safety number is copied.")}>
                Copy
              </Button>
            </div>
          </>
        ))}
      {safety.value !== undefined && (
        <TransparencyRow
          transparency={checking.value ? { status: "running" } : safety.value.transparency}
          calendar={calendar}
          onCheck={() => void check()}
        />
      )}
    </section>
  )
}

/** Could not check, and checked and wrong, never look alike. */
function TransparencyRow(props: {
  readonly transparency: SafetyView["transparency"]
  readonly calendar: Calendar
  readonly onCheck: () => void
}): JSX.Element {
  const { transparency, calendar } = props
  const row = ((): { icon: IconName; look: string | undefined; title: string; text: string } => {
    switch (transparency.status) {
      case "not_checked":
        return { icon: "circle-help", look: css.grey, title: "Key log: not checked", text: transparency.reason }
      case "running":
        return { icon: "clock", look: css.grey, title: "Key log: checking…", text: "Asking the server’s public log for these keys." }
      case "ok":
        return {
          icon: "check",
          look: css.positive,
          title: `Key log: checked ${calendar.full(transparency.atMs)}`,
          text:
            transparency.witnesses.length === 0
              ? "These keys are in the log. No independent witness has confirmed the log yet."
              : `These keys are in the log, witnessed by ${list(transparency.witnesses)}.`,
        }
      case "unavailable":
        return {
          icon: "wifi-off",
          look: css.grey,
          title: "Key log: couldn’t check yet",
          text: `${transparency.reason} It is tried again by itself. Last tried ${calendar.full(transparency.atMs)}.`,
        }
      case "failed":
        return {
          icon: "shield-alert",
          look: css.alarm,
          title: "Key log: checked and wrong",
          text: `The log does not show these keys (checked ${calendar.full(transparency.atMs)}). Compare safety numbers in person.`,
        }
    }
  })()
  return (
    <div class={`${css.transparency} ${row.look ?? ""}`}>
      <Icon name={row.icon} size={18} />
      <div>
        <p class={css.transparencyTitle}>{row.title}</p>
        <p class={css.transparencyText}>{row.text}</p>
        {transparency.status !== "running" && (
          <button type="button" class={css.again} onClick={props.onCheck}>
            Check now
          </button>
        )}
      </div>
    </div>
  )
}
