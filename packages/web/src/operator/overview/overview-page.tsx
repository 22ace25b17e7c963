// How the server is, at one look: calm when all is well, and specific when it is not.

import { type OperatorOverview, operatorOverview } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Button } from "../../part/button.tsx"
import { useConsole } from "../context.ts"
import { Card, Page, Reading } from "../part/page.tsx"
import { Facts } from "../part/facts.tsx"
import { Tag } from "../part/tag.tsx"
import { counted, countText, dayText, sizeText, spanText } from "../text/amount.ts"
import { Findings } from "./findings.tsx"
import { KeyLogCard } from "./key-log-card.tsx"
import css from "./overview.module.css"

export function OverviewPage(): JSX.Element {
  const { client, calendar } = useConsole()
  const overview = useLoad(() => client.call(operatorOverview, {}), [])
  const { value } = overview
  return (
    <Page
      title="Overview"
      blind="overview"
      lead={value && `${value.origin}, as it was at ${calendar.clock(value.nowMs)}.`}
      actions={
        <Button icon="refresh-cw" onClick={overview.reload}>
          Look again
        </Button>
      }
    >
      <Reading of={overview} failed="The overview could not be read">
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
    cases.awaitingApproval > 0 && `${countText(cases.awaitingApproval)} to be approved`,
    cases.ready > 0 && `${countText(cases.ready)} to be answered`,
  ]
  const others = [
    accounts.suspended > 0 && `${countText(accounts.suspended)} suspended`,
    accounts.erased > 0 && `${countText(accounts.erased)} erased`,
  ]
  return (
    <ul class={css.figures}>
      <Figure
        name="Open cases"
        value={countText(cases.open)}
        hint={steps.filter(Boolean).join(", ") || "none waits for anybody"}
        href="#/cases"
      />
      <Figure
        name="Accounts"
        value={countText(accounts.active)}
        hint={others.filter(Boolean).join(", ") || "all of them active"}
        href="#/accounts"
      />
      <Figure name="Devices connected" value={countText(now.devicesConnected)} hint="at this moment" />
      <Figure
        name="Ciphertexts waiting"
        value={countText(now.queue.bodies)}
        hint={now.queue.bodies === 0 ? "everything was fetched" : `${sizeText(now.queue.bytes)} to be fetched by devices`}
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
    <Card title="Waiting for devices">
      <Facts
        facts={[
          { name: "Mailboxes", value: countText(queue.mailboxes) },
          { name: "Size", value: sizeText(queue.bytes) },
          {
            name: "The oldest",
            value: queue.oldestAtMs === undefined ? "nothing waits" : `has waited ${spanText(now.nowMs - queue.oldestAtMs)}`,
          },
        ]}
      />
      <p class={css.hint}>Each is erased when the last device has fetched it.</p>
    </Card>
  )
}

/** What the operator says in public. */
function PromiseCard({ now: { canary } }: { readonly now: OperatorOverview }): JSX.Element {
  return (
    <Card title="Said in public">
      <Facts
        facts={[
          {
            name: "Canary",
            value:
              canary.status === "fresh" ? (
                <Tag look="positive" icon="check">
                  Fresh
                </Tag>
              ) : canary.status === "expired" ? (
                <Tag look="caution" icon="triangle-alert">
                  Expired
                </Tag>
              ) : (
                <Tag icon="info">None</Tag>
              ),
          },
          canary.expires === undefined
            ? undefined
            : { name: canary.status === "fresh" ? "Speaks until" : "Spoke until", value: dayText(canary.expires) },
        ]}
      />
      <p class={css.hint}>
        {canary.status === "fresh"
          ? "It is signed by hand, away from this server: nodoor-server canary sign."
          : canary.status === "expired"
            ? "People’s apps show that it is silent. If that is not what you mean, sign a new one: nodoor-server canary sign."
            : "Nobody has signed one here. nodoor-server canary sign makes the first."}
      </p>
    </Card>
  )
}

function StorageCard({ now: { storage } }: { readonly now: OperatorOverview }): JSX.Element {
  return (
    <Card title="Storage">
      <Facts
        facts={[
          ...storage.files.map(({ name, bytes }) => ({ name, value: sizeText(bytes) })),
          { name: "Free on the disk", value: sizeText(storage.freeBytes) },
        ]}
      />
    </Card>
  )
}

function VersionCard({ now }: { readonly now: OperatorOverview }): JSX.Element {
  const { backup } = now
  return (
    <Card title="Backup and versions">
      <Facts
        facts={[
          {
            name: "Last backup",
            value:
              backup.atMs === undefined ? (
                <Tag look="caution" icon="triangle-alert">
                  None known
                </Tag>
              ) : (
                `${spanText(now.nowMs - backup.atMs)} ago${backup.files === undefined ? "" : `, ${counted(backup.files, "file")}`}`
              ),
          },
          { name: "Version", value: now.version },
          { name: "Running for", value: spanText(now.nowMs - now.startedAtMs) },
          ...now.databases.map(({ path, schema }) => ({ name: path, value: `schema ${schema}` })),
        ]}
      />
      {backup.atMs === undefined && <p class={css.hint}>nodoor-server backup DIRECTORY writes one while the server runs.</p>}
    </Card>
  )
}
