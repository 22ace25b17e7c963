// The operator's notices about requests from authorities that named this account. They are its statements and are set apart as such.

import type { OperatorNoticeView } from "@nodoor/client"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { noticeWords } from "../text/notice-text.ts"
import { t } from "../text/catalogue.ts"
import section from "./section.module.css"
import css from "./operator-notices.module.css"

/** `told`: shown only if there are notices. `none`: shown only if there are none. */
export function OperatorNotices(props: { readonly when: "told" | "none" }): JSX.Element | null {
  const { account, operatorNotices } = useModel()
  const notices = operatorNotices.value
  if (notices === undefined || (notices.length === 0) !== (props.when === "none")) return null
  const { origin, serverUrl } = account.value
  return (
    <section class={section.card} aria-labelledby="operator-notices">
      <h3 class={section.title} id="operator-notices">
        {t.server.notices.title}
      </h3>
      <p class={section.words}>
        {notices.length === 0 ? t.server.notices.none(origin) : t.server.notices.some(origin)} {t.server.notices.gag}{" "}
        <a class={css.link} href={new URL("/transparency", serverUrl).href} target="_blank" rel="noopener noreferrer">
          {t.server.notices.record}
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
    const done = await attempt(t.server.notices.notMarked, () => device.acknowledgeOperatorNotice(notice.id))
    // The button disappears, so the keyboard focus moves to the heading.
    if (done) head.current?.focus()
  }
  return (
    <li class={css.notice}>
      <h4 class={css.head} ref={head} tabIndex={-1}>
        <span>{calendar.utcDay(notice.received)}</span>
        {isNew && <span class={css.tag}>{t.server.notices.new}</span>}
      </h4>
      <p>
        {t.server.notices.asked({
          day: calendar.utcDay(notice.received),
          authority: <bdi>{notice.authority}</bdi>,
          country: words.country,
          by: words.by,
          soughtFor: words.soughtFor,
        })}
      </p>
      <p>
        <strong>{t.server.notices.handedOver}</strong> {t.server.notices.sentence(words.handedOver)}
      </p>
      {words.impossible !== undefined && (
        <p>
          <strong>{t.server.notices.impossible}</strong> {t.server.notices.sentence(words.impossible)}
        </p>
      )}
      {words.kept !== undefined && (
        <p>
          <strong>{t.server.notices.kept}</strong> {t.server.notices.sentence(words.kept)}
        </p>
      )}
      <dl class={css.facts}>
        <Fact name={t.server.notices.legalBasis}>{notice.legalBasis}</Fact>
        <Fact name={t.server.notices.reference}>{notice.reference}</Fact>
        <Fact name={t.server.notices.closed}>{t.server.notices.closedWords(calendar.utcDay(notice.closed), words.outcome)}</Fact>
        {notice.gagUntil !== undefined && <Fact name={t.server.notices.gagUntil}>{calendar.utcDay(notice.gagUntil)}</Fact>}
        <Fact name={t.server.notices.case}>{notice.caseId}</Fact>
      </dl>
      {isNew && (
        <div class={section.row}>
          <Button icon="check" onClick={() => void acknowledge()}>
            {t.server.notices.haveRead}
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
