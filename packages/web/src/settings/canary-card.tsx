// The server's canary: quiet while it is fresh; when it ended or changed, what stood there, what stands there, what that may mean and what to do.

import type { CanaryFacts, CanaryView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { ComponentChildren, JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Skeleton } from "../part/states.tsx"
import { changeWords } from "../text/canary-text.ts"
import css from "./canary-card.module.css"
import section from "./section.module.css"

export function CanaryCard(): JSX.Element {
  const { calendar } = useApp()
  const { device, canary, attempt } = useModel()
  const busy = useSignal(false)
  const view = canary.value
  const look = async (): Promise<void> => {
    busy.value = true
    await attempt("The canary could not be looked at.", () => device.checkCanary())
    busy.value = false
  }
  return (
    <section class={section.card}>
      <h3 class={section.title}>Canary</h3>
      <p class={section.words}>
        Once a month people sign by hand that nothing on a short list has happened to this server. Nobody can sign it for them, and it ends
        by itself. Your device compares each with the one before.
      </p>
      {view === undefined ? <Skeleton rows={3} look="lines" /> : <State view={view} />}
      <div class={section.row}>
        <Button look="quiet" icon="refresh-cw" busy={busy.value} onClick={() => void look()}>
          Look now
        </Button>
        {view !== undefined && (
          <span class={section.sub} role="status">
            {view.checkedAtMs === undefined ? "Not looked at so far." : `Last looked at on ${calendar.full(view.checkedAtMs)}.`}
            {view.failedAtMs !== undefined && ` Not checked on ${calendar.full(view.failedAtMs)}: the server did not answer.`}
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
          <strong>Not checked.</strong> This device has not been able to ask the server for it yet. That says nothing either way.
        </p>
      )
    case "none":
      return (
        <p>
          <strong>There is none.</strong> Nobody signs a canary for this server.
        </p>
      )
    case "fresh":
      return (
        <>
          <p class={css.fresh}>
            <Icon name="check" size={18} />
            <span>
              <strong>Fresh</strong> until {calendar.utcDay(view.known.expires)}
            </span>
          </p>
          <Facts facts={view.known} />
        </>
      )
    case "expired":
      return (
        <>
          <Caution title={`Expired on ${calendar.utcDay(view.known.expires)}`} view={view}>
            <p>
              Nobody has signed a new one. It says nothing any more: what stands below was true when it was signed, on{" "}
              {calendar.utcDay(view.known.issued)}.
            </p>
          </Caution>
          <Facts facts={view.known} />
        </>
      )
    case "changed":
      return (
        <>
          <Caution title="It changed" view={view}>
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
                          <dt>Before</dt>
                          {was.map((text) => (
                            <dd key={text} class={side} dir="auto">
                              {text}
                            </dd>
                          ))}
                        </div>
                      )}
                      <div>
                        <dt>Now</dt>
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
          {view.known !== undefined && <Facts facts={view.known} title="The one that you know" />}
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
      <h5 class={css.change}>What it may mean</h5>
      <p>
        Perhaps little: somebody forgot, or the people who sign were replaced in the ordinary way. Perhaps that they can no longer say
        truthfully what they said before, and must not say why. Your messages stay end-to-end encrypted either way.
      </p>
      <h5 class={css.change}>What to do</h5>
      <p>
        Ask the people who run {account.value.origin}, in person or by a way that does not lead through this server. Until you know, compare
        safety numbers with those who matter to you, and be careful with new versions of this app from there.
      </p>
      {view.acknowledgedAtMs === undefined ? (
        <div class={css.read}>
          <Button onClick={() => void attempt("That could not be saved.", () => device.acknowledgeCanary(view.readingId))}>
            I have read this
          </Button>
          {view.status === "changed" && view.latest !== undefined && !view.changes.some(({ kind }) => neverPinned.includes(kind)) && (
            <span class={section.sub}>Later ones are then compared with the one that stands there now.</span>
          )}
        </div>
      ) : (
        <p>You read this on {calendar.full(view.acknowledgedAtMs)}.</p>
      )}
    </div>
  )
}

/** While one of these stands, reading it changes nothing about what later ones are compared with. */
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
        Signed on {calendar.utcDay(issued)} with {signedBy.length} of {keys.length} {keys.length === 1 ? "key" : "keys"}; {threshold} must
        sign. It speaks until {calendar.utcDay(expires)}.
      </p>
    </div>
  )
}
