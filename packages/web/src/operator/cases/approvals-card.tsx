// Who approved a case, and the digest that their passkeys sign.

import type { OperatorCase } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { Icon } from "../../icon/icon.tsx"
import { Card } from "../part/page.tsx"
import { grouped } from "../text/amount.ts"
import { maySign } from "./case-actions.tsx"
import { t } from "../text/catalogue.ts"
import css from "./case-page.module.css"

export function ApprovalsCard({ one }: { readonly one: OperatorCase }): JSX.Element {
  const missing = one.outcome === undefined ? Math.max(0, one.approvalsNeeded - one.approvedBy.length) : 0
  return (
    <Card title={t.cases.approvals.title}>
      <ul class={css.classes}>
        {one.approvedBy.map((name) => (
          <li key={name} class={css.approver}>
            <Icon name="check-check" size={18} />
            <span>{t.cases.approvals.signed(<bdi>{name}</bdi>)}</span>
          </li>
        ))}
        {missing > 0 && (
          <li class={`${css.approver} ${css.missing}`}>
            <Icon name="hourglass" size={18} />
            <span>{t.cases.approvals.missing(missing)}</span>
          </li>
        )}
        {one.approvedBy.length === 0 && missing === 0 && <li class={css.quiet}>{t.cases.approvals.none}</li>}
      </ul>
      {!maySign(one) && (
        <>
          <h3 class={css.subtitle}>{t.cases.approvals.digest}</h3>
          <p class={css.digest} dir="ltr">
            {grouped(one.digest)}
          </p>
        </>
      )}
      {one.outcome === undefined && <p class={css.quiet}>{t.cases.approvals.note}</p>}
    </Card>
  )
}
