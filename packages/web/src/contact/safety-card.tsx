// Is it really them? The 60 digits, their QR code, the result of the key log, and the verification.

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
import { t } from "../text/catalogue.ts"
import css from "./safety-card.module.css"

export function SafetyCard(props: { readonly contact: ContactView }): JSX.Element {
  const { contact } = props
  const { calendar } = useApp()
  const { device, attempt, contactsVersion } = useModel()
  const copy = useCopy()
  const safety = useLoad(() => device.safety(contact.accountId), [contact.accountId, contact.verified, contactsVersion.value])
  const open = useSignal(contact.identityChange !== undefined)
  /** The rings close once, right after somebody confirms. */
  const closing = useSignal(false)
  const busy = useSignal(false)
  const checking = useSignal(false)

  const setVerified = async (verified: boolean): Promise<void> => {
    busy.value = true
    const done = await attempt(verified ? t.trust.safety.notSaved : t.trust.notWithdrawn, () =>
      device.setVerified(contact.accountId, verified),
    )
    busy.value = false
    closing.value = verified && done
    if (done && verified) open.value = false
  }
  const check = async (): Promise<void> => {
    checking.value = true
    await attempt(t.trust.keyLog.notAsked, () => device.checkTransparency(contact.accountId))
    checking.value = false
    safety.reload()
  }
  const verified = contact.verified && contact.identityChange === undefined
  return (
    <section class={`${css.card} ${verified ? css.verified : ""}`} aria-label={t.trust.safety.label}>
      <div class={css.head} role="status">
        <Rings size={26} closing={closing.value} class={verified ? css.ringsOn : css.ringsOff} key={String(closing.value)} />
        <div class={css.headWords}>
          <h4 class={css.title}>
            {verified
              ? t.trust.safety.verified(isolated(contact.name))
              : contact.identityChange?.wasVerified === true
                ? t.trust.verifyAgain
                : t.trust.safety.notVerified}
          </h4>
          <p class={css.sub}>
            {verified
              ? safety.value?.verifiedAtMs === undefined
                ? t.trust.safety.compared
                : t.trust.safety.comparedOn(calendar.full(safety.value.verifiedAtMs))
              : t.trust.safety.why(isolated(contact.name))}
          </p>
        </div>
      </div>
      {!open.value && (
        <Button look={verified ? "quiet" : "plain"} icon="qr-code" onClick={() => (open.value = true)}>
          {verified ? t.trust.safety.show : t.trust.safety.compare}
        </Button>
      )}
      {open.value &&
        (safety.value === undefined ? (
          safety.failure === undefined ? (
            <Skeleton rows={4} look="lines" />
          ) : (
            <FailedState title={t.trust.safety.notLoaded} failure={safety.failure} onRetry={safety.reload} />
          )
        ) : (
          <>
            <QrCode text={safety.value.qr} label={t.trust.safety.qr} />
            <ol class={css.digits} aria-label={t.trust.safety.label}>
              {safety.value.digits.map((group, index) => (
                <li key={index}>{group}</li>
              ))}
            </ol>
            <p class={css.how}>
              <Icon name="phone" size={18} />
              <span>{t.trust.safety.how(<bdi>{contact.name}</bdi>)}</span>
            </p>
            <div class={css.actions}>
              {verified ? (
                <Button look="quiet" busy={busy.value} onClick={() => void setVerified(false)}>
                  {t.trust.withdraw}
                </Button>
              ) : (
                <Button look="primary" icon="check" busy={busy.value} onClick={() => void setVerified(true)}>
                  {t.trust.safety.match}
                </Button>
              )}
              <Button look="quiet" icon="copy" onClick={() => copy(safety.value?.digits.join(" ") ?? "", t.trust.safety.copied)}>
                {t.trust.safety.copy}
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

/** "Couldn't check" and "checked and wrong" must never look alike. */
function TransparencyRow(props: {
  readonly transparency: SafetyView["transparency"]
  readonly calendar: Calendar
  readonly onCheck: () => void
}): JSX.Element {
  const { transparency, calendar } = props
  const row = ((): { icon: IconName; look: string | undefined; title: string; text: string } => {
    switch (transparency.status) {
      case "not_checked":
        return { icon: "circle-help", look: css.grey, title: t.trust.keyLog.notChecked, text: transparency.reason }
      case "running":
        return { icon: "clock", look: css.grey, title: t.trust.keyLog.running, text: t.trust.keyLog.runningWords }
      case "ok":
        return {
          icon: "check",
          look: css.positive,
          title: t.trust.keyLog.ok(calendar.full(transparency.atMs)),
          text: transparency.witnesses.length === 0 ? t.trust.keyLog.okAlone : t.trust.keyLog.okWitnessed(transparency.witnesses),
        }
      case "unavailable":
        return {
          icon: "wifi-off",
          look: css.grey,
          title: t.trust.keyLog.unavailable,
          text: t.trust.keyLog.unavailableWords(transparency.reason, calendar.full(transparency.atMs)),
        }
      case "failed":
        return {
          icon: "shield-alert",
          look: css.alarm,
          title: t.trust.keyLog.failed,
          text: t.trust.keyLog.failedWords(calendar.full(transparency.atMs)),
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
            {t.trust.keyLog.checkNow}
          </button>
        )}
      </div>
    </div>
  )
}
