// The trust ladder in a conversation: silent when fine, one calm line when an unverified contact's keys changed, a locked chat and a
// named alarm when a verified contact's did.

import type { ChatView } from "@nodoor/client"
import { addressOf } from "@nodoor/client/address"
import { isolated } from "@nodoor/wire/shown-text"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Button, IconButton } from "../part/button.tsx"
import { AlarmBox } from "./alarm-box.tsx"
import { RemovalBanner, isRemovalAlarm } from "./removal-banner.tsx"
import { t } from "../text/catalogue.ts"
import css from "./trust-banner.module.css"

/** Nothing may be sent until a person has looked. */
export function isLocked(chat: ChatView): boolean {
  // While a removal is outstanding, messages wait. People can still write them.
  return chat.state === "halted" || (chat.alarm?.level === "red" && !isRemovalAlarm(chat.alarm)) || verifiedChanged(chat)
}

function verifiedChanged(chat: ChatView): boolean {
  return chat.peer?.identityChange?.wasVerified === true
}

export function TrustBanner(props: { readonly chat: ChatView }): JSX.Element | null {
  const { chat } = props
  if (verifiedChanged(chat)) return <VerifiedChanged chat={chat} />
  if (chat.removal !== undefined && (chat.alarm === undefined || isRemovalAlarm(chat.alarm) || chat.state === "halted"))
    return <RemovalBanner chat={chat} removal={chat.removal} />
  if (chat.alarm !== undefined && chat.alarm.level !== "info") {
    return chat.alarm.level === "red" ? (
      <AlarmBox title={t.trust.banner.stopped} {...(chat.alarm.evidence === true && { actions: <SeeEvidence /> })}>
        {<p>{chat.alarm.text}</p>}
      </AlarmBox>
    ) : (
      <div class={`${css.banner} ${css.caution}`} role="status">
        <Icon name="triangle-alert" />
        <p class={css.text}>{chat.alarm.text}</p>
      </div>
    )
  }
  if (chat.peer?.identityChange !== undefined) return <UnverifiedChanged chat={chat} />
  return null
}

function SeeEvidence(): JSX.Element {
  const { router } = useApp()
  return <Button onClick={() => router.go({ at: "settings", section: "warnings" })}>{t.trust.warnings.see}</Button>
}

function VerifiedChanged(props: { readonly chat: ChatView }): JSX.Element | null {
  const { router, calendar } = useApp()
  const { device, attempt } = useModel()
  const { chat } = props
  const { peer } = chat
  if (peer?.identityChange === undefined) return null
  return (
    <AlarmBox
      title={t.trust.banner.keysChanged(isolated(peer.name))}
      actions={
        <>
          <Button look="alarm" onClick={() => router.go({ at: "chat", chatId: chat.id, sheet: { type: "info" } })}>
            {t.trust.verifyAgain}
          </Button>
          <Button look="quiet" onClick={() => void attempt(t.trust.notWithdrawn, () => device.setVerified(peer.accountId, false))}>
            {t.trust.withdraw}
          </Button>
        </>
      }
    >
      <p>
        {t.trust.banner.wasVerified({
          name: <bdi>{peer.name}</bdi>,
          address: addressOf(peer),
          when: calendar.full(peer.identityChange.atMs),
          isReset: peer.identityChange.kind === "reset",
        })}
      </p>
    </AlarmBox>
  )
}

function UnverifiedChanged(props: { readonly chat: ChatView }): JSX.Element | null {
  const { router } = useApp()
  const { device, attempt } = useModel()
  const { chat } = props
  const { peer } = chat
  if (peer === undefined) return null
  return (
    <div class={css.banner} role="status">
      <Icon name="info" />
      <p class={css.text}>
        {t.trust.banner.wasUnverified(
          <bdi>{peer.name}</bdi>,
          <button type="button" class={css.link} onClick={() => router.go({ at: "chat", chatId: chat.id, sheet: { type: "info" } })}>
            {t.trust.banner.compare}
          </button>,
        )}
      </p>
      <IconButton
        icon="x"
        label={t.trust.dismiss}
        size={18}
        onClick={() => void attempt(t.trust.notSaved, () => device.acknowledgeIdentity(peer.accountId))}
      />
    </div>
  )
}
