// A person or a device should have been removed from this chat and is still in it. Nothing is sent until then, and there is no way to send anyway.

import type { AlarmView, ChatView, RemovalView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { useChatActions } from "../list/use-chat-actions.tsx"
import { Button } from "../part/button.tsx"
import { AlarmBox } from "./alarm-box.tsx"
import { t } from "../text/catalogue.ts"

/** An honest server needs a moment too, so only a longer wait is shown. */
const patienceMs = 3_000

export function isRemovalAlarm(alarm: AlarmView): boolean {
  return alarm.code === "removal_outstanding"
}

export function RemovalBanner(props: { readonly chat: ChatView; readonly removal: RemovalView }): JSX.Element | null {
  const { chat, removal } = props
  const { router } = useApp()
  const { device, attempt } = useModel()
  const actions = useChatActions(chat)
  const late = useSignal(false)
  useEffect(() => {
    const timer = setTimeout(() => (late.value = true), patienceMs)
    return () => clearTimeout(timer)
  }, [])
  if (!late.value && chat.alarm === undefined) return null
  const [who] = removal.accounts
  const newGroup = async (): Promise<void> => {
    const staying = (await device.members(chat.id)).filter((member) => !member.own && !removal.accounts.includes(member.accountId))
    const made = await device.createGroup({ name: chat.title, accountIds: staying.map((member) => member.accountId) })
    router.go({ at: "chat", chatId: made.id, sheet: undefined })
  }
  return (
    <>
      <AlarmBox
        title={t.trust.removal.title}
        actions={
          <>
            {chat.state === "active" && (
              <Button look="alarm" onClick={() => void attempt(t.trust.removal.notTried, () => device.retryRemoval(chat.id))}>
                {t.trust.removal.tryAgain}
              </Button>
            )}
            {chat.kind === "group" && (
              <Button look="quiet" onClick={() => void attempt(t.trust.removal.groupNotMade, newGroup)}>
                {t.trust.removal.newGroup}
              </Button>
            )}
            {chat.kind === "group" && chat.state === "active" && (
              <Button look="quiet" onClick={actions.askLeave}>
                {t.trust.removal.leave}
              </Button>
            )}
            {removal.outOfHands && who !== undefined && (
              <Button look="quiet" onClick={() => void attempt(t.trust.notSaved, () => device.withdrawRemoval(chat.id, who))}>
                {t.trust.removal.letThemStay}
              </Button>
            )}
          </>
        }
      >
        <p>
          {chat.alarm !== undefined && !isRemovalAlarm(chat.alarm) && `${chat.alarm.text} `}
          {removal.text}
          {removal.outOfHands && ` ${t.trust.removal.notAdmin}`}
        </p>
      </AlarmBox>
      {actions.dialog}
    </>
  )
}
