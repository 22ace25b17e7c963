// The first minute: what this is, in two sentences, and the shortest way into a chat.

import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { Icon } from "../icon/icon.tsx"
import { EmptyState, FailedState, Skeleton } from "../part/states.tsx"
import { Rings, Wordmark } from "../part/rings.tsx"
import { CreateAccount } from "./create-account.tsx"
import css from "./welcome.module.css"

export function Welcome(): JSX.Element {
  const { host, arrival } = useApp()
  const server = useLoad(() => host.serverInfo(), [])
  const from = arrival.value
  return (
    <main class={css.page}>
      <div class={css.hero}>
        <Wordmark class={css.brand} />
        <div class={css.pitch}>
          <Rings size={64} class={css.rings} />
          <h1 class={css.headline}>Conversations with no door for anyone else</h1>
          <p class={css.words}>
            What you write is locked on your device and opened only by the people you write to. Whoever runs this server cannot read it, and
            cannot quietly let anyone in.
          </p>
          <ul class={css.points}>
            <li>
              <Icon name="user" size={18} /> No phone number
            </li>
            <li>
              <Icon name="users" size={18} /> No address book upload
            </li>
            <li>
              <Icon name="lock" size={18} /> Keys stay on your device
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
              <FailedState title="The server did not answer" failure={server.failure} onRetry={server.reload} />
            )
          ) : server.value.registration === "closed" ? (
            <EmptyState title="This server takes no new accounts" icon="lock">
              Ask whoever runs {server.value.origin}.
            </EmptyState>
          ) : (
            <>
              <h2 class={css.title}>{from.handle === undefined ? "Create your account" : `Write to @${from.handle}`}</h2>
              <p class={css.sub}>
                {from.handle !== undefined ? (
                  <>Make an account on {server.value.origin}; the chat opens right after.</>
                ) : from.invite !== undefined ? (
                  <>You are invited to {server.value.origin}.</>
                ) : (
                  <>On {server.value.origin}. It takes half a minute.</>
                )}
              </p>
              <CreateAccount server={server.value} />
            </>
          )}
        </div>
      </div>
    </main>
  )
}
