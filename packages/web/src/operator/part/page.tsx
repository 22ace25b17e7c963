// One page of the console: its title, its actions, and what it cannot show.

import type { ComponentChildren, JSX } from "preact"
import { useEffect } from "preact/hooks"
import type { Loaded } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { FailedState, Skeleton } from "../../part/states.tsx"
import type { PageName } from "../place.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../../text/part-text.ts"
import css from "./page.module.css"

export function Page(props: {
  readonly title: string
  readonly blind: PageName
  /** Above the title: the way back. */
  readonly above?: ComponentChildren
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}): JSX.Element {
  useEffect(() => {
    document.title = t.frame.windowTitle(props.title)
  }, [props.title])
  return (
    <div class={css.page}>
      <div class={css.scroll}>
        <div class={css.column}>
          <header class={css.head}>
            <div class={css.headWords}>
              {props.above}
              <h1 class={css.title} tabIndex={-1}>
                <bdi>{props.title}</bdi>
              </h1>
              {props.lead !== undefined && <p class={css.lead}>{props.lead}</p>}
            </div>
            {props.actions !== undefined && <div class={css.actions}>{props.actions}</div>}
          </header>
          {props.children}
        </div>
      </div>
      <footer class={css.blind}>
        <Icon name="lock" size={16} />
        <p>
          {t.frame.blind[props.blind]} <a href="/transparency">{t.frame.public}</a>
        </p>
      </footer>
    </div>
  )
}

/** What was read from the server, or a skeleton or an error in its place. If a later read fails, the old value stays and a line says so. */
export function Reading<T>(props: {
  readonly of: Loaded<T>
  readonly failed: string
  readonly rows?: number
  readonly children: (value: T) => ComponentChildren
}): JSX.Element {
  const { value, failure, reload } = props.of
  if (value === undefined)
    return failure === undefined ? (
      <Skeleton rows={props.rows ?? 6} look="chats" />
    ) : (
      <div class={css.card}>
        <FailedState title={props.failed} failure={failure} onRetry={reload} />
      </div>
    )
  return (
    <>
      {failure !== undefined && (
        <p class={css.stale} role="alert">
          <Icon name="wifi-off" size={18} />
          <span>
            {failure.message} {t.frame.loadedBefore}{" "}
            <button type="button" class={css.retry} onClick={reload}>
              {partText.tryAgain}
            </button>
          </span>
        </p>
      )}
      {props.children(value)}
    </>
  )
}

export function Card(props: {
  readonly title?: string
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
  readonly class?: string | undefined
}): JSX.Element {
  return (
    <section class={`${css.card} ${props.class ?? ""}`}>
      {props.title !== undefined && (
        <div class={css.cardHead}>
          <h2 class={css.cardTitle}>{props.title}</h2>
          {props.actions}
        </div>
      )}
      {props.children}
    </section>
  )
}
