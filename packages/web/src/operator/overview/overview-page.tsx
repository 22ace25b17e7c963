// The state of the server at a glance: calm when all is well, specific when it is not.

import { type OperatorOverview, operatorOverview } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Button } from "../../part/button.tsx"
import { useConsole } from "../context.ts"
import { Card, Page, Reading } from "../part/page.tsx"
import { Facts } from "../part/facts.tsx"
import { Tag } from "../part/tag.tsx"
import { dayText, sizeText, spanText } from "../text/amount.ts"
import { Findings } from "./findings.tsx"
import { KeyLogCard } from "./key-log-card.tsx"
import { t } from "../text/catalogue.ts"
import css from "./overview.module.css"

export function OverviewPage(): JSX.Element {
  const { client, calendar } = useConsole()
  const overview = useLoad(() => client.call(operatorOverview, {}), [])
  const { value } = overview
  return (
    <Page
      title={t.frame.pages.overview}
      blind="overview"
      lead={value && t.overview.asOf(value.origin, calendar.clock(value.nowMs))}
      actions={
        <Button icon="refresh-cw" onClick={overview.reload}>
          {t.overview.refresh}
        </Button>
      }
    >
      <Reading of={overview} failed={t.overview.notLoaded}>
        {(now) => (
          <>
            <Findings findings={now.findings} />
            <Figures now={now} />
            <div class={css.columns}>
              <KeyLogCard keyLog={now.keyLog} nowMs={now.nowMs} />
              <QueueCard now={now} />
              <PromiseCard now={now} />
              <StorageCard now={now} />
              <VersionCard now={now} />
            </div>
          </>
        )}
      </Reading>
    </Page>
  )
}

function Figures({ now }: { readonly now: OperatorOverview }): JSX.Element {
  const { cases, accounts } = now
  const steps = [
    cases.awaitingApproval > 0 && t.overview.figures.toApprove(cases.awaitingApproval),
    cases.ready > 0 && t.overview.figures.toAnswer(cases.ready),
  ]
  const others = [
    accounts.suspended > 0 && t.overview.figures.suspended(accounts.suspended),
    accounts.erased > 0 && t.overview.figures.erased(accounts.erased),
  ]
  return (
    <ul class={css.figures}>
      <Figure
        name={t.overview.figures.cases}
        value={t.amounts.count(cases.open)}
        hint={t.overview.figures.joined(steps.filter((step) => step !== false)) || t.overview.figures.noCases}
        href="#/cases"
      />
      <Figure
        name={t.overview.figures.accounts}
        value={t.amounts.count(accounts.active)}
        hint={t.overview.figures.joined(others.filter((other) => other !== false)) || t.overview.figures.allActive}
        href="#/accounts"
      />
      <Figure name={t.overview.figures.connected} value={t.amounts.count(now.devicesConnected)} hint={t.overview.figures.connectedHint} />
      <Figure
        name={t.overview.figures.waiting}
        value={t.amounts.count(now.queue.bodies)}
        hint={now.queue.bodies === 0 ? t.overview.figures.allFetched : t.overview.figures.toFetch(sizeText(now.queue.bytes))}
      />
    </ul>
  )
}

function Figure(props: { readonly name: string; readonly value: string; readonly hint: string; readonly href?: string }): JSX.Element {
  return (
    <li class={css.figure}>
      {props.href === undefined ? <span class={css.figureName}>{props.name}</span> : <a href={props.href}>{props.name}</a>}
      <span class={css.figureValue}>{props.value}</span>
      <span class={css.figureHint}>{props.hint}</span>
    </li>
  )
}

function QueueCard({ now }: { readonly now: OperatorOverview }): JSX.Element {
  const { queue } = now
  return (
    <Card title={t.overview.queue.title}>
      <Facts
        facts={[
          { name: t.overview.queue.groups, value: t.amounts.count(queue.groups) },
          { name: t.overview.queue.size, value: sizeText(queue.bytes) },
          {
            name: t.overview.queue.oldest,
            value:
              queue.oldestAtMs === undefined
                ? t.overview.queue.none
                : t.overview.queue.from(dayText(new Date(queue.oldestAtMs).toISOString().slice(0, 10))),
          },
        ]}
      />
      <p class={css.hint}>{t.overview.queue.hint}</p>
    </Card>
  )
}

/** The operator's public statements. */
function PromiseCard({ now: { canary } }: { readonly now: OperatorOverview }): JSX.Element {
  return (
    <Card title={t.overview.canary.card}>
      <Facts
        facts={[
          {
            name: t.overview.canary.title,
            value:
              canary.status === "fresh" ? (
                <Tag look="positive" icon="check">
                  {t.overview.canary.fresh}
                </Tag>
              ) : canary.status === "expired" ? (
                <Tag look="caution" icon="triangle-alert">
                  {t.overview.canary.expired}
                </Tag>
              ) : (
                <Tag icon="info">{t.overview.canary.none}</Tag>
              ),
          },
          canary.expires === undefined
            ? undefined
            : { name: canary.status === "fresh" ? t.overview.canary.expires : t.overview.canary.expiredOn, value: dayText(canary.expires) },
        ]}
      />
      <p class={css.hint}>
        {canary.status === "fresh"
          ? t.overview.canary.freshWords
          : canary.status === "expired"
            ? t.overview.canary.expiredWords
            : t.overview.canary.noneWords}
      </p>
    </Card>
  )
}

function StorageCard({ now: { storage } }: { readonly now: OperatorOverview }): JSX.Element {
  return (
    <Card title={t.overview.storage.title}>
      <Facts
        facts={[
          ...storage.files.map(({ name, bytes }) => ({ name, value: sizeText(bytes) })),
          { name: t.overview.storage.free, value: sizeText(storage.freeBytes) },
        ]}
      />
    </Card>
  )
}

function VersionCard({ now }: { readonly now: OperatorOverview }): JSX.Element {
  const { backup } = now
  return (
    <Card title={t.overview.versions.title}>
      <Facts
        facts={[
          {
            name: t.overview.versions.backup,
            value:
              backup.atMs === undefined ? (
                <Tag look="caution" icon="triangle-alert">
                  {t.overview.versions.noBackup}
                </Tag>
              ) : (
                t.overview.versions.backupAgo(spanText(now.nowMs - backup.atMs), backup.files)
              ),
          },
          { name: t.overview.versions.version, value: now.version },
          { name: t.overview.versions.running, value: spanText(now.nowMs - now.startedAtMs) },
          ...now.databases.map(({ path, schema }) => ({ name: path, value: t.overview.versions.schema(schema) })),
        ]}
      />
      {backup.atMs === undefined && <p class={css.hint}>{t.overview.versions.backupHint}</p>}
    </Card>
  )
}
