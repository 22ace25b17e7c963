// What the operator told about requests of authorities that named this account: its statements, set apart as such.

import type { OperatorNoticeView } from "@nodoor/client"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { noticeWords } from "../text/notice-text.ts"
import section from "./section.module.css"
import css from "./operator-notices.module.css"

/** `told`: stands there only if there is something to read; `none`: only if there is nothing. */
export function OperatorNotices(props: { readonly when: "told" | "none" }): JSX.Element | null {
  const { account, operatorNotices } = useModel()
  const notices = operatorNotices.value
  if (notices === undefined || (notices.length === 0) !== (props.when === "none")) return null
  const { origin, serverUrl } = account.value
  return (
    <section class={section.card} aria-labelledby="operator-notices">
      <h3 class={section.title} id="operator-notices">
        What authorities asked about you
      </h3>
      <p class={section.words}>
        {notices.length === 0
          ? `The operator of ${origin} has told you of no request of an authority that named your account. `
          : `The operator of ${origin} says that authorities asked about your account. These are its statements; nobody else vouches for them. `}
        Where an order forbids it to tell you, it does so once it may.{" "}
        <a class={css.link} href={new URL("/transparency", serverUrl).href} target="_blank" rel="noopener noreferrer">
          Its public record of all requests
        </a>
      </p>
      {notices.length > 0 && (
        <ul class={css.list}>
          {notices.map((notice) => (
            <OneNotice key={notice.id} notice={notice} />
          ))}
        </ul>
      )}
    </section>
  )
}

function OneNotice(props: { readonly notice: OperatorNoticeView }): JSX.Element {
  const { calendar } = useApp()
  const { device, attempt } = useModel()
  const { notice } = props
  const words = noticeWords(notice)
  const isNew = notice.acknowledgedAtMs === undefined
  const head = useRef<HTMLHeadingElement>(null)
  const acknowledge = async (): Promise<void> => {
    const done = await attempt("It was not marked as read.", () => device.acknowledgeOperatorNotice(notice.id))
    // The button goes; who reads on with the keyboard stays here.
    if (done) head.current?.focus()
  }
  return (
    <li class={css.notice}>
      <h4 class={css.head} ref={head} tabIndex={-1}>
        <span>{calendar.utcDay(notice.received)}</span>
        {isNew && <span class={css.tag}>New</span>}
      </h4>
      <p>
        On {calendar.utcDay(notice.received)}, <bdi>{notice.authority}</bdi> ({words.country}) asked with {words.by} for {words.soughtFor}.
      </p>
      <p>
        <strong>Handed over:</strong> {words.handedOver}.
      </p>
      {words.impossible !== undefined && (
        <p>
          <strong>Not handed over, because nobody can:</strong> {words.impossible}.
        </p>
      )}
      {words.kept !== undefined && (
        <p>
          <strong>Not handed over:</strong> {words.kept}.
        </p>
      )}
      <dl class={css.facts}>
        <Fact name="Legal basis">{notice.legalBasis}</Fact>
        <Fact name="Reference">{notice.reference}</Fact>
        <Fact name="Closed">{`${calendar.utcDay(notice.closed)}. ${words.outcome}.`}</Fact>
        {notice.gagUntil !== undefined && <Fact name="Forbidden to tell you until">{calendar.utcDay(notice.gagUntil)}</Fact>}
        <Fact name="Case">{notice.caseId}</Fact>
      </dl>
      {isNew && (
        <div class={section.row}>
          <Button icon="check" onClick={() => void acknowledge()}>
            I have read this
          </Button>
        </div>
      )}
    </li>
  )
}

function Fact(props: { readonly name: string; readonly children: string }): JSX.Element {
  return (
    <div class={css.fact}>
      <dt>{props.name}</dt>
      <dd dir="auto">{props.children}</dd>
    </div>
  )
}
