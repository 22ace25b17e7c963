// The public log of everybody's devices: whether it goes on, and who outside stands behind it.

import type { OperatorOverview } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import { Facts } from "../part/facts.tsx"
import { Card } from "../part/page.tsx"
import { Tag } from "../part/tag.tsx"
import { countText, spanText } from "../text/amount.ts"
import css from "./overview.module.css"

type KeyLog = OperatorOverview["keyLog"]

export function KeyLogCard(props: { readonly keyLog: KeyLog; readonly nowMs: number }): JSX.Element {
  const { keyLog, nowMs } = props
  return (
    <Card title="Key log" actions={<Status status={keyLog.status} />}>
      {keyLog.reason !== undefined && (
        <p class={keyLog.status === "refused" ? css.badWords : css.warnWords} dir="auto">
          {keyLog.reason}
        </p>
      )}
      <Facts
        facts={[
          {
            name: "Published",
            value: keyLog.publishedAtMs === undefined ? "nothing yet" : `${spanText(nowMs - keyLog.publishedAtMs)} ago`,
          },
          { name: "Entries", value: countText(keyLog.size) },
          { name: "Not in it yet", value: keyLog.waiting === 0 ? "nothing waits" : countText(keyLog.waiting) },
        ]}
      />
      <Signers
        title="Witnesses"
        signers={keyLog.witnesses}
        none="None: nobody else vouches that everybody sees the same log. docs/operating.md says how to ask some."
        hint={`${countText(keyLog.quorum)} must sign before an entry counts.`}
      />
      <Signers title="Auditors" signers={keyLog.auditors} none="None: nobody replays the log from outside." />
    </Card>
  )
}

function Status(props: { readonly status: KeyLog["status"] }): JSX.Element {
  switch (props.status) {
    case "running":
      return (
        <Tag look="positive" icon="check">
          Running
        </Tag>
      )
    case "waiting":
      return (
        <Tag look="caution" icon="hourglass">
          Waiting
        </Tag>
      )
    case "refused":
      return (
        <Tag look="alarm" icon="shield-alert">
          Stands still
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
        {props.signers.length > 0 && <span class={css.hint}>{` ${signed} of ${props.signers.length} signed`}</span>}
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
                <span class={css.hint}>{signer.signed ? "signed" : "has not signed"}</span>
              </li>
            ))}
          </ul>
          {props.hint !== undefined && <p class={css.hint}>{props.hint}</p>}
        </>
      )}
    </div>
  )
}
