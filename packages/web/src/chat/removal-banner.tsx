// Somebody, or a device, is to go from this chat and has not gone: nothing is sent meanwhile, and to send anyway is no choice.

import type { AlarmView, ChatView, RemovalView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { useChatActions } from "../list/use-chat-actions.tsx"
import { Button } from "../part/button.tsx"
import { AlarmBox } from "./alarm-box.tsx"

/** An honest server needs a moment, too: only what takes longer is shown. */
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
        title="Nothing is sent in this chat"
        actions={
          <>
            {chat.state === "active" && (
              <Button look="alarm" onClick={() => void attempt("It could not be tried again.", () => device.retryRemoval(chat.id))}>
                Try again
              </Button>
            )}
            {chat.kind === "group" && (
              <Button look="quiet" onClick={() => void attempt("The group was not made.", newGroup)}>
                New group without them
              </Button>
            )}
            {chat.kind === "group" && chat.state === "active" && (
              <Button look="quiet" onClick={actions.askLeave}>
                Leave group…
              </Button>
            )}
            {removal.outOfHands && who !== undefined && (
              <Button look="quiet" onClick={() => void attempt("That could not be saved.", () => device.withdrawRemoval(chat.id, who))}>
                Let them stay
              </Button>
            )}
          </>
        }
      >
        <p>
          {chat.alarm !== undefined && !isRemovalAlarm(chat.alarm) && `${chat.alarm.text} `}
          {removal.text}
          {removal.outOfHands && " You are no longer an admin here, so only an admin can remove them."}
        </p>
      </AlarmBox>
      {actions.dialog}
    </>
  )
}
