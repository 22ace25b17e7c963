// The server's canary: quiet while it is fresh. When it expired or changed: what it said, what it says now, what that can mean and what to do.

import type { CanaryFacts, CanaryView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { ComponentChildren, JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Skeleton } from "../part/states.tsx"
import { changeWords } from "../text/canary-text.ts"
import { t } from "../text/catalogue.ts"
import css from "./canary-card.module.css"
import section from "./section.module.css"

export function CanaryCard(): JSX.Element {
  const { calendar } = useApp()
  const { device, canary, attempt } = useModel()
  const busy = useSignal(false)
  const view = canary.value
  const look = async (): Promise<void> => {
    busy.value = true
    await attempt(t.server.canary.notChecked, () => device.checkCanary())
    busy.value = false
  }
  return (
    <section class={section.card}>
      <h3 class={section.title}>{t.server.canary.title}</h3>
      <p class={section.words}>{t.server.canary.words}</p>
      {view === undefined ? <Skeleton rows={3} look="lines" /> : <State view={view} />}
      <div class={section.row}>
        <Button look="quiet" icon="refresh-cw" busy={busy.value} onClick={() => void look()}>
          {t.server.canary.check}
        </Button>
        {view !== undefined && (
          <span class={section.sub} role="status">
            {view.checkedAtMs === undefined ? t.server.canary.never : t.server.canary.checkedOn(calendar.full(view.checkedAtMs))}
            {view.failedAtMs !== undefined && ` ${t.server.canary.failedOn(calendar.full(view.failedAtMs))}`}
          </span>
        )}
      </div>
    </section>
  )
}

function State(props: { readonly view: CanaryView }): JSX.Element {
  const { calendar } = useApp()
  const { view } = props
  switch (view.status) {
    case "not_checked":
      return (
        <p>
          <strong>{t.server.canary.state.notChecked}</strong> {t.server.canary.state.notCheckedWords}
        </p>
      )
    case "none":
      return (
        <p>
          <strong>{t.server.canary.state.none}</strong> {t.server.canary.state.noneWords}
        </p>
      )
    case "fresh":
      return (
        <>
          <p class={css.fresh}>
            <Icon name="check" size={18} />
            <span>
              <strong>{t.server.canary.state.fresh}</strong> {t.server.canary.state.freshUntil(calendar.utcDay(view.known.expires))}
            </span>
          </p>
          <Facts facts={view.known} />
        </>
      )
    case "expired":
      return (
        <>
          <Caution title={t.server.canary.state.expired(calendar.utcDay(view.known.expires))} view={view}>
            <p>{t.server.canary.state.expiredWords(calendar.utcDay(view.known.issued))}</p>
          </Caution>
          <Facts facts={view.known} />
        </>
      )
    case "changed":
      return (
        <>
          <Caution title={t.server.canary.state.changed} view={view}>
            <ul class={css.changes}>
              {view.changes.map((change) => {
                const { title, was, now, codes } = changeWords(change, calendar.utcDay)
                const side = codes ? section.mono : undefined
                return (
                  <li key={JSON.stringify(change)}>
                    <h5 class={css.change}>{title}</h5>
                    <dl class={css.sides}>
                      {was.length > 0 && (
                        <div>
                          <dt>{t.server.canary.before}</dt>
                          {was.map((text) => (
                            <dd key={text} class={side} dir="auto">
                              {text}
                            </dd>
                          ))}
                        </div>
                      )}
                      <div>
                        <dt>{t.server.canary.now}</dt>
                        {now.map((text) => (
                          <dd key={text} class={side} dir="auto">
                            {text}
                          </dd>
                        ))}
                      </div>
                    </dl>
                  </li>
                )
              })}
            </ul>
          </Caution>
          {view.known !== undefined && <Facts facts={view.known} title={t.server.canary.state.known} />}
        </>
      )
  }
}

function Caution(props: {
  readonly title: string
  readonly view: CanaryView & { readonly status: "expired" | "changed" }
  readonly children: ComponentChildren
}): JSX.Element {
  const { device, account, attempt } = useModel()
  const { calendar } = useApp()
  const { view } = props
  return (
    <div class={css.caution} role="group" aria-labelledby="canary-state">
      <h4 id="canary-state" class={css.state}>
        <Icon name="triangle-alert" size={20} />
        <span>{props.title}</span>
      </h4>
      {props.children}
      <h5 class={css.change}>{t.server.canary.meaning}</h5>
      <p>{t.server.canary.meaningWords}</p>
      <h5 class={css.change}>{t.server.canary.toDo}</h5>
      <p>{t.server.canary.toDoWords(account.value.origin)}</p>
      {view.acknowledgedAtMs === undefined ? (
        <div class={css.read}>
          <Button onClick={() => void attempt(t.settings.notSaved, () => device.acknowledgeCanary(view.readingId))}>
            {t.server.canary.haveRead}
          </Button>
          {view.status === "changed" && view.latest !== undefined && !view.changes.some(({ kind }) => neverPinned.includes(kind)) && (
            <span class={section.sub}>{t.server.canary.later}</span>
          )}
        </div>
      ) : (
        <p>{t.server.canary.readOn(calendar.full(view.acknowledgedAtMs))}</p>
      )}
    </div>
  )
}

/** After one of these changes, reading it does not change what later canaries are compared with. */
const neverPinned: readonly string[] = ["invalid", "origin", "not_yet", "gone"]

function Facts(props: { readonly facts: CanaryFacts; readonly title?: string }): JSX.Element {
  const { calendar } = useApp()
  const { statements, keys, signedBy, threshold, issued, expires } = props.facts
  return (
    <div class={css.facts}>
      {props.title !== undefined && <h4>{props.title}</h4>}
      <ul class={css.statements}>
        {statements.map((statement) => (
          <li key={statement} dir="auto">
            {statement}
          </li>
        ))}
      </ul>
      <p class={section.sub}>
        {t.server.canary.facts({
          issued: calendar.utcDay(issued),
          signed: signedBy.length,
          keys: keys.length,
          threshold,
          expires: calendar.utcDay(expires),
        })}
      </p>
    </div>
  )
}
