// The first minute: what this is in two sentences, and the shortest way into a chat.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useApp } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { EmptyState, FailedState, Skeleton } from "../part/states.tsx"
import { Rings, Wordmark } from "../part/rings.tsx"
import { CreateAccount } from "./create-account.tsx"
import { t } from "../text/catalogue.ts"
import css from "./welcome.module.css"

/** True when the server says that the invite does not work. */
function refusedInvite(error: unknown): boolean {
  return error instanceof HostError && error.code === "invite_invalid"
}

export function Welcome(): JSX.Element {
  const { host, arrival } = useApp()
  const server = useLoad(() => host.serverInfo(), [])
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
    <main class={css.page}>
      <div class={css.hero}>
        <Wordmark class={css.brand} />
        <div class={css.pitch}>
          <Rings size={64} class={css.rings} />
          <h1 class={css.headline}>{t.welcome.headline}</h1>
          <p class={css.words}>{t.welcome.words}</p>
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
            <>
              <h2 class={css.title}>{from.handle === undefined ? t.welcome.title : t.welcome.titleWriteTo(from.handle)}</h2>
              <p class={css.sub}>
                {from.handle !== undefined
                  ? t.welcome.thenChat(server.value.origin)
                  : from.invite !== undefined
                    ? t.welcome.invited(server.value.origin)
                    : t.welcome.onServer(server.value.origin)}
              </p>
              {isRefused.value && server.value.registration === "invite" && (
                <p class={css.caution} role="alert">
                  <Icon name="triangle-alert" size={18} />
                  <span>{t.welcome.inviteRefused}</span>
                </p>
              )}
              {host.storage.value.offTheRecord && (
                <p class={css.caution} role="note">
                  <Icon name="triangle-alert" size={18} />
                  <span>{t.welcome.privateWindow}</span>
                </p>
              )}
              <CreateAccount server={server.value} key={String(isRefused.value)} />
            </>
          )}
        </div>
      </div>
    </main>
  )
}
