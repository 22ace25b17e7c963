// What people did here, entry by entry, each chained to the one before it.

import { operatorAudit } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useLoad } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { Button } from "../../part/button.tsx"
import { EmptyState } from "../../part/states.tsx"
import { useConsole } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { t } from "../text/catalogue.ts"
import message from "../part/message.module.css"
import { Card, Page, Reading } from "../part/page.tsx"
import { useAct } from "../part/use-act.ts"
import { formatPlace } from "../place.ts"
import { grouped } from "../text/amount.ts"
import { auditSentence } from "./audit-sentence.ts"
import { type ChainEntry, brokenAt, browserSha256 } from "./chain.ts"
import css from "./log.module.css"

interface Later {
  readonly entries: readonly ChainEntry[]
  readonly more: boolean
}

export function LogPage(): JSX.Element {
  const { client, calendar } = useConsole()
  const first = useLoad(() => client.call(operatorAudit, {}), [])
  const later = useSignal<Later>({ entries: [], more: true })
  const act = useAct()
  const entries = [...(first.value?.entries ?? []), ...later.value.entries]
  const more = first.value?.more === true && later.value.more
  const readMore = (): Promise<boolean> =>
    act.run(async () => {
      const next = await client.call(operatorAudit, { before: entries.at(-1)?.seq })
      later.value = { entries: [...later.value.entries, ...next.entries], more: next.more }
    })
  return (
    <Page title={t.frame.pages.log} blind="log" lead={t.log.lead}>
      <Reading of={first} failed={t.log.notLoaded}>
        {({ holds }) =>
          entries.length === 0 ? (
            <Card>
              <EmptyState title={t.log.none} icon="link" />
            </Card>
          ) : (
            <>
              <Chain holds={holds} entries={entries} />
              <Card>
                <ol class={css.list} reversed start={entries[0]?.seq ?? 1}>
                  {entries.map((one, at) => (
                    <Entry key={one.seq} one={one} newDay={isNewDay(one, entries[at - 1])} />
                  ))}
                </ol>
              </Card>
              <Failure failure={act.failure.value} />
              {more && (
                <Button busy={act.busy.value} onClick={readMore}>
                  {t.log.more}
                </Button>
              )}
            </>
          )
        }
      </Reading>
    </Page>
  )

  function isNewDay(one: ChainEntry, newer: ChainEntry | undefined): boolean {
    const day = (entry: ChainEntry): string => calendar.dayKey(auditSentence(entry.entry).timeMs ?? 0)
    return newer === undefined || day(newer) !== day(one)
  }
}

/** What the server says about the whole chain, and what this page finds in the part it shows. */
function Chain(props: { readonly holds: boolean; readonly entries: readonly ChainEntry[] }): JSX.Element {
  const { holds, entries } = props
  const broken = useSignal<number | undefined>(undefined)
  const checked = useSignal(0)
  useEffect(() => {
    let stopped = false
    void brokenAt(entries, browserSha256).then((at) => {
      if (stopped) return
      broken.value = at
      checked.value = entries.length
    })
    return () => (stopped = true)
  }, [entries.length])
  if (!holds || broken.value !== undefined)
    return (
      <div class={message.alarm} role="alert">
        <Icon name="shield-alert" />
        <p>
          <strong>{t.log.broken(broken.value)}</strong> {t.log.brokenWords}
        </p>
      </div>
    )
  return (
    <p class={message.positive}>
      <Icon name="check-check" />
      <span>{t.log.verified(entries[0]?.seq ?? 0, checked.value)}</span>
    </p>
  )
}

function Entry({ one, newDay }: { readonly one: ChainEntry; readonly newDay: boolean }): JSX.Element {
  const { calendar } = useConsole()
  const { who, what, timeMs, caseId } = auditSentence(one.entry)
  return (
    <li class={css.entry} value={one.seq}>
      {newDay && timeMs !== undefined && <h2 class={css.day}>{calendar.day(timeMs, Date.now())}</h2>}
      <div class={css.line}>
        <span class={css.time} title={timeMs === undefined ? undefined : calendar.full(timeMs)}>
          {timeMs === undefined ? t.log.unknownTime : calendar.clock(timeMs)}
        </span>
        <div class={css.words}>
          <p>
            {who === undefined ? t.log.acts.nobody : <bdi class={css.who}>{who}</bdi>} <bdi>{what}</bdi>.{" "}
            {caseId !== undefined && <a href={formatPlace({ at: "case", caseId })}>{t.log.case(caseId)}</a>}
          </p>
          <details class={css.raw}>
            <summary>
              {t.log.entry(one.seq)}
              <span class="visually-hidden"> {t.log.asWritten}</span>
            </summary>
            <pre tabIndex={0} aria-label={t.log.entry(one.seq)}>
              {one.entry}
            </pre>
            <p class={css.hash}>
              {t.log.hash} <code dir="ltr">{grouped(one.hash)}</code>
            </p>
          </details>
        </div>
      </div>
    </li>
  )
}
