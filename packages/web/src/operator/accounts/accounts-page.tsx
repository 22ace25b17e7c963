// Accounts by handle: what the server keeps for each, and what can be done with it. No names, e-mail or IP addresses.

import { type OperatorAccount, operatorAccounts } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useLoad } from "../../app/use-load.ts"
import { Button } from "../../part/button.tsx"
import { Field } from "../../part/field.tsx"
import { EmptyState } from "../../part/states.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { Card, Page, Reading } from "../part/page.tsx"
import { useAct } from "../part/use-act.ts"
import { hexOf } from "../text/amount.ts"
import { AccountRow } from "./account-row.tsx"
import { t } from "../text/catalogue.ts"
import css from "./accounts.module.css"

const typingMs = 250

export function AccountsPage(): JSX.Element {
  const { role } = usePerson()
  const typed = useSignal("")
  const prefix = useSignal("")
  useEffect(() => {
    const timer = setTimeout(() => (prefix.value = typed.value.toLowerCase().replace(/^@/, "").trim()), typingMs)
    return () => clearTimeout(timer)
  }, [typed.value])
  return (
    <Page title={t.frame.pages.accounts} blind="accounts" lead={t.accounts.lead}>
      {role === "reviewer" && <p class={css.quiet}>{t.accounts.reviewer}</p>}
      <div class={css.search}>
        <Field label={t.accounts.prefix} prefix="@" value={typed.value} onInput={(value) => (typed.value = value)} maxLength={33} />
      </div>
      <Found prefix={prefix.value} key={prefix.value} />
    </Page>
  )
}

function Found({ prefix }: { readonly prefix: string }): JSX.Element {
  const { client } = useConsole()
  const query = prefix === "" ? {} : { prefix }
  const first = useLoad(() => client.call(operatorAccounts, query), [])
  const later = useSignal<{ readonly accounts: readonly OperatorAccount[]; readonly more: boolean } | undefined>(undefined)
  /** The new state of accounts that were changed here, by id. */
  const changed = useSignal<ReadonlyMap<string, OperatorAccount>>(new Map())
  const act = useAct()
  const accounts = [...(first.value?.accounts ?? []), ...(later.value?.accounts ?? [])].map(
    (account) => changed.value.get(hexOf(account.accountId)) ?? account,
  )
  const more = (later.value ?? first.value)?.more === true
  const readMore = (): Promise<boolean> =>
    act.run(async () => {
      const next = await client.call(operatorAccounts, { ...query, after: accounts.at(-1)?.handle })
      later.value = { accounts: [...(later.value?.accounts ?? []), ...next.accounts], more: next.more }
    })
  return (
    <Reading of={first} failed={t.accounts.notLoaded}>
      {({ accountsMax }) =>
        accounts.length === 0 ? (
          <Card>
            <EmptyState title={prefix === "" ? t.accounts.none : t.accounts.noMatch(prefix)} icon="users">
              {prefix === "" ? t.accounts.noneWords : t.accounts.noMatchWords}
            </EmptyState>
          </Card>
        ) : (
          <>
            <Card>
              <ul class={css.list} aria-label={t.accounts.list}>
                {accounts.map((account) => (
                  <AccountRow
                    key={hexOf(account.accountId)}
                    account={account}
                    onChange={(next) => (changed.value = new Map([...changed.value, [hexOf(next.accountId), next]]))}
                  />
                ))}
              </ul>
            </Card>
            <p class={css.small}>{t.accounts.limit(accountsMax)}</p>
            <Failure failure={act.failure.value} />
            {more && (
              <Button busy={act.busy.value} onClick={readMore}>
                {t.accounts.more}
              </Button>
            )}
          </>
        )
      }
    </Reading>
  )
}
