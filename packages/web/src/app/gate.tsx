// Shows the welcome, the chats, or the reason why neither can be shown, depending on the state of the host.

import type { AccountView } from "@nodoor/client"
import type { JSX } from "preact"
import { useEffect, useMemo, useRef } from "preact/hooks"
import { createModel } from "../model/model.ts"
import { way } from "../welcome/way.ts"
import { Welcome } from "../welcome/welcome.tsx"
import { FailedScreen, LostScreen, StartingScreen, UnsupportedScreen } from "../welcome/blocked.tsx"
import { RestoreScreen } from "../backup/restore-screen.tsx"
import { Transfer, isArriving } from "../link/transfer.tsx"
import { ModelContext, useApp, useModel } from "./context.ts"
import { Shell } from "./shell.tsx"

export function Gate(): JSX.Element {
  const { host } = useApp()
  const state = host.state.value
  // The account was created on this page, so the invite has been used.
  const isNew = useRef(false)
  if (state.status !== "ready") isNew.current = state.status === "empty"
  switch (state.status) {
    case "starting":
      return <StartingScreen />
    case "empty":
      return <Welcome />
    case "ready":
      return <Home account={state.account} isNew={isNew.current} key={state.account.deviceId} />
    case "lost":
      return <LostScreen onGetBack={(how) => (way.value = how)} />
    case "unsupported":
      return <UnsupportedScreen missing={state.missing} />
    case "failed":
      return <FailedScreen code={state.code} message={state.message} />
  }
}

function Home(props: { readonly account: AccountView; readonly isNew: boolean }): JSX.Element {
  const { host, arrival } = useApp()
  useMemo(() => {
    if (props.isNew) arrival.value = { ...arrival.peek(), invite: undefined }
  }, [])
  const model = useMemo(() => createModel(host.device, props.account), [])
  useEffect(() => model.stop, [])
  const owner = host.owner.value
  const firstOwner = useRef(owner)
  useEffect(() => {
    if (owner === firstOwner.current) return
    firstOwner.current = owner
    void model.reload()
    void model.conversation.peek()?.refresh()
  }, [owner])
  return (
    <ModelContext.Provider value={model}>
      <Place />
    </ModelContext.Provider>
  )
}

/** What takes the whole window for a while, or the app itself. */
function Place(): JSX.Element {
  const { router } = useApp()
  const { link } = useModel()
  if (router.route.value.at === "restore") return <RestoreScreen />
  return isArriving(link.value) ? <Transfer /> : <Shell />
}
