// The first minute: what this is in two sentences, the shortest way into a chat, and a way for those who have an account.

import type { ServerInfo } from "@nodoor/wire"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useApp } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Caution } from "../part/caution.tsx"
import { EmptyState, FailedState, Skeleton } from "../part/states.tsx"
import { Rings, Wordmark } from "../part/rings.tsx"
import { CreateAccount } from "./create-account.tsx"
import { LinkThisDevice } from "./link-this-device.tsx"
import { RecoverAccount } from "./recover-account.tsx"
import { WasHere } from "./was-here.tsx"
import { way } from "./way.ts"
import { t } from "../text/catalogue.ts"
import css from "./welcome.module.css"

/** True when the server says that the invite does not work. */
function refusedInvite(error: unknown): boolean {
  return error instanceof HostError && error.code === "invite_invalid"
}

export function Welcome(): JSX.Element {
  const { host, arrival } = useApp()
  const joining = host.linking.value
  useEffect(() => {
    // A linking code was opened here, or another tab is linking already.
    if (way.peek() === "start" && (arrival.peek().link !== undefined || joining !== undefined)) way.value = "link"
  }, [joining === undefined])
  if (way.value === "link") return <LinkThisDevice />
  if (way.value === "recover") return <RecoverAccount onBack={() => (way.value = "link")} onFresh={() => (way.value = "create")} />
  if (way.value === "was-here") return <WasHere onBack={() => (way.value = "link")} />
  return <FirstScreen />
}

function FirstScreen(): JSX.Element {
  const { host } = useApp()
  const server = useLoad(() => host.serverInfo(), [])
  const toAccount = (): void => void (way.value = "link")
  return (
    <main class={css.page} data-step={way.value}>
      <div class={css.hero}>
        <Wordmark class={css.brand} />
        <div class={css.pitch}>
          <div class={css.water}>
            <Rings size={64} class={css.rings} />
          </div>
          <h1 class={css.headline}>{t.welcome.headline}</h1>
          <p class={css.words}>{t.welcome.words}</p>
          <p class={css.short}>{t.welcome.short}</p>
          <ul class={css.points}>
            <li>
              <Icon name="user" size={18} /> {t.welcome.points.noNumber}
            </li>
            <li>
              <Icon name="users" size={18} /> {t.welcome.points.noAddressBook}
            </li>
            <li>
              <Icon name="lock" size={18} /> {t.welcome.points.keys}
            </li>
          </ul>
          <div class={css.start}>
            <Button look="primary" wide onClick={() => (way.value = "create")}>
              {t.welcome.start}
            </Button>
            <Button look="link" wide onClick={toAccount}>
              {t.welcome.haveAccount}
            </Button>
          </div>
        </div>
      </div>
      <div class={css.side}>
        <div class={css.card}>
          {server.value === undefined ? (
            server.failure === undefined ? (
              <Skeleton rows={6} look="lines" />
            ) : (
              <FailedState title={t.welcome.noAnswer} failure={server.failure} onRetry={server.reload} />
            )
          ) : server.value.registration === "closed" ? (
            <EmptyState title={t.welcome.closed} icon="lock">
              {t.welcome.closedWords(server.value.origin)}
            </EmptyState>
          ) : (
            <NewAccount server={server.value} key={way.value} />
          )}
          <div class={css.have}>
            <Button icon="smartphone" wide onClick={toAccount}>
              {t.welcome.haveAccount}
            </Button>
          </div>
        </div>
      </div>
    </main>
  )
}

function NewAccount(props: { readonly server: ServerInfo }): JSX.Element {
  const { server } = props
  const { host, arrival } = useApp()
  const from = arrival.value
  const { invite } = from
  /** Checked before somebody fills in the form in vain. If the server cannot say now, it does when the form is sent. */
  const checked = useLoad(
    async () => invite !== undefined && (await host.checkInvite(invite).then(() => undefined, refusedInvite)),
    [invite],
  )
  const isRefused = useSignal(false)
  useEffect(() => {
    if (checked.value !== true) return
    isRefused.value = true
    arrival.value = { ...arrival.peek(), invite: undefined }
  }, [checked.value])
  return (
    <>
      <h2 class={css.title}>{from.handle === undefined ? t.welcome.title : t.welcome.titleWriteTo(from.handle)}</h2>
      <p class={css.sub}>
        {from.handle !== undefined
          ? t.welcome.thenChat(server.origin)
          : from.invite !== undefined
            ? t.welcome.invited(server.origin)
            : t.welcome.onServer(server.origin)}
      </p>
      {isRefused.value && server.registration === "invite" && (
        <div class={css.caution}>
          <Caution role="alert">{t.welcome.inviteRefused}</Caution>
        </div>
      )}
      {host.storage.value.offTheRecord && (
        <div class={css.caution}>
          <Caution role="note">{t.welcome.privateWindow}</Caution>
        </div>
      )}
      <CreateAccount server={server} key={String(isRefused.value)} />
    </>
  )
}
