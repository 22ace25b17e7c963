// The public key log: whether it is running, and who outside vouches for it.

import type { OperatorOverview } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import { Facts } from "../part/facts.tsx"
import { Card } from "../part/page.tsx"
import { Tag } from "../part/tag.tsx"
import { spanText } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
import css from "./overview.module.css"

type KeyLog = OperatorOverview["keyLog"]

export function KeyLogCard(props: { readonly keyLog: KeyLog; readonly nowMs: number }): JSX.Element {
  const { keyLog, nowMs } = props
  return (
    <Card title={t.overview.keyLog.title} actions={<Status status={keyLog.status} />}>
      {keyLog.reason !== undefined && (
        <p class={keyLog.status === "refused" ? css.badWords : css.warnWords} dir="auto">
          {keyLog.reason}
        </p>
      )}
      <Facts
        facts={[
          {
            name: t.overview.keyLog.published,
            value:
              keyLog.publishedAtMs === undefined
                ? t.overview.keyLog.nothingYet
                : t.overview.keyLog.ago(spanText(nowMs - keyLog.publishedAtMs)),
          },
          { name: t.overview.keyLog.entries, value: t.amounts.count(keyLog.size) },
          {
            name: t.overview.keyLog.notYet,
            value: keyLog.waiting === 0 ? t.overview.keyLog.nothingWaits : t.amounts.count(keyLog.waiting),
          },
        ]}
      />
      <Signers
        title={t.overview.keyLog.witnesses}
        signers={keyLog.witnesses}
        none={t.overview.keyLog.noWitnesses}
        hint={t.overview.keyLog.quorum(keyLog.quorum)}
      />
      <Signers title={t.overview.keyLog.auditors} signers={keyLog.auditors} none={t.overview.keyLog.noAuditors} />
    </Card>
  )
}

function Status(props: { readonly status: KeyLog["status"] }): JSX.Element {
  switch (props.status) {
    case "running":
      return (
        <Tag look="positive" icon="check">
          {t.overview.keyLog.states.running}
        </Tag>
      )
    case "waiting":
      return (
        <Tag look="caution" icon="hourglass">
          {t.overview.keyLog.states.waiting}
        </Tag>
      )
    case "refused":
      return (
        <Tag look="alarm" icon="shield-alert">
          {t.overview.keyLog.states.refused}
        </Tag>
      )
  }
}

function Signers(props: {
  readonly title: string
  readonly signers: KeyLog["witnesses"]
  readonly none: string
  readonly hint?: string
}): JSX.Element {
  const signed = props.signers.filter((one) => one.signed).length
  return (
    <div class={css.signers}>
      <h3 class={css.signersTitle}>
        {props.title}
        {props.signers.length > 0 && <span class={css.hint}>{` ${t.overview.keyLog.signedOf(signed, props.signers.length)}`}</span>}
      </h3>
      {props.signers.length === 0 ? (
        <p class={css.hint}>{props.none}</p>
      ) : (
        <>
          <ul>
            {props.signers.map((signer) => (
              <li key={signer.name} class={css.signer}>
                <Icon name={signer.signed ? "check" : "hourglass"} size={16} class={signer.signed ? css.ok : css.warn} />
                <bdi>{signer.name}</bdi>
                <span class={css.hint}>{signer.signed ? t.overview.keyLog.signed : t.overview.keyLog.notSigned}</span>
              </li>
            ))}
          </ul>
          {props.hint !== undefined && <p class={css.hint}>{props.hint}</p>}
        </>
      )}
    </div>
  )
}
