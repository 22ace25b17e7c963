// Invites: how many accounts can be created with each, and until when. The links are shown once, when they are created.

import { type OperatorInvite, operatorInviteRevoke, operatorInvites } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Button, IconButton } from "../../part/button.tsx"
import { Confirm } from "../../part/dialog.tsx"
import { EmptyState } from "../../part/states.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { Card, Page, Reading } from "../part/page.tsx"
import { useAct } from "../part/use-act.ts"
import { spanText } from "../text/amount.ts"
import { t } from "../text/catalogue.ts"
import css from "./invites.module.css"
import { MadeInvites } from "./made-invites.tsx"
import { MakeInvites } from "./make-invites.tsx"

export function InvitesPage(): JSX.Element {
  const { client } = useConsole()
  const { role } = usePerson()
  const loaded = useLoad(() => client.call(operatorInvites, {}), [])
  const making = useSignal(false)
  const links = useSignal<readonly string[] | undefined>(undefined)
  const mayMake = role !== "reviewer"
  const make = mayMake && (
    <Button look="primary" icon="plus" onClick={() => (making.value = true)}>
      {t.invites.make}
    </Button>
  )
  return (
    <Page
      title={t.frame.pages.invites}
      blind="invites"
      lead={t.invites.lead}
      actions={links.value === undefined && (loaded.value?.invites.length ?? 0) > 0 && make}
    >
      {!mayMake && <p class={css.quiet}>{t.invites.reviewer}</p>}
      {links.value !== undefined && <MadeInvites links={links.value} onDone={() => (links.value = undefined)} />}
      <Reading of={loaded} failed={t.invites.notLoaded}>
        {({ invites }) =>
          invites.length === 0 ? (
            links.value === undefined && (
              <Card>
                <EmptyState title={t.invites.none} icon="ticket" action={make}>
                  {t.invites.noneWords}
                </EmptyState>
              </Card>
            )
          ) : (
            <Card>
              <ul class={css.list} aria-label={t.invites.list}>
                {invites.map((invite) => (
                  <InviteRow key={invite.id} invite={invite} mayRevoke={mayMake} onChange={loaded.reload} />
                ))}
              </ul>
            </Card>
          )
        }
      </Reading>
      {making.value && (
        <MakeInvites
          onClose={() => (making.value = false)}
          onMade={(made) => {
            making.value = false
            links.value = made
            loaded.reload()
          }}
        />
      )}
    </Page>
  )
}

function InviteRow(props: { readonly invite: OperatorInvite; readonly mayRevoke: boolean; readonly onChange: () => void }): JSX.Element {
  const { id, label, usesLeft, expiresAtMs } = props.invite
  const { client, say, calendar } = useConsole()
  const act = useAct()
  const asking = useSignal(false)
  const revoke = (): void => {
    asking.value = false
    void act.run(async () => {
      await client.call(operatorInviteRevoke, { id })
      say(t.invites.revoking.done)
      props.onChange()
    })
  }
  return (
    <li class={css.row}>
      <span class={css.words}>
        <bdi class={css.label}>{label === "" ? t.invites.unnamed : label}</bdi>
        <code class={css.id}>{id.slice(0, 5)}…</code>
      </span>
      <span class={css.uses}>{t.invites.left(usesLeft)}</span>
      <span class={css.quiet} title={calendar.full(expiresAtMs)}>
        {expiresAtMs <= Date.now() ? t.invites.expired : t.invites.expiresIn(spanText(expiresAtMs - Date.now()))}
      </span>
      {props.mayRevoke && (
        <IconButton icon="trash-2" label={t.invites.revoke(label, id.slice(0, 5))} onClick={() => (asking.value = true)} />
      )}
      <div class={css.failure}>
        <Failure failure={act.failure.value} />
      </div>
      {asking.value && (
        <Confirm
          title={t.invites.revoking.title}
          confirm={t.invites.revoking.confirm}
          final
          onConfirm={revoke}
          onClose={() => (asking.value = false)}
        >
          <p>{t.invites.revoking.words(<bdi>{label}</bdi>)}</p>
        </Confirm>
      )}
    </li>
  )
}
