// Who can act here, how they sign in, and who is invited. Owners decide; everybody can add passkeys of their own.

import { type OperatorEnrolment, type OperatorPerson, operatorPeople, operatorPersonInvite } from "@nodoor/wire/operator"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { Button } from "../../part/button.tsx"
import { useConsole, usePerson } from "../context.ts"
import { Failure } from "../part/failure.tsx"
import { t } from "../text/catalogue.ts"
import { partText } from "../../text/part-text.ts"
import message from "../part/message.module.css"
import { Card, Page, Reading } from "../part/page.tsx"
import { SecretLink } from "../part/secret-link.tsx"
import { useAct, useProof } from "../part/use-act.ts"
import { spanText } from "../text/amount.ts"
import { InvitePerson, type MadeLink } from "./invite-person.tsx"
import { PendingRow } from "./pending-row.tsx"
import css from "./people.module.css"
import { PersonCard } from "./person-card.tsx"

export function PeoplePage(): JSX.Element {
  const { client } = useConsole()
  const person = usePerson()
  const loaded = useLoad(() => client.call(operatorPeople, {}), [])
  const inviting = useSignal(false)
  const made = useSignal<MadeLink | undefined>(undefined)
  const owner = person.role === "owner"
  const onMade = (link: MadeLink): void => {
    inviting.value = false
    made.value = link
    loaded.reload()
  }
  return (
    <Page
      title={t.frame.pages.people}
      blind="people"
      lead={t.people.lead}
      actions={
        owner &&
        made.value === undefined && (
          <Button look="primary" icon="user-plus" onClick={() => (inviting.value = true)}>
            {t.people.invite}
          </Button>
        )
      }
    >
      {!owner && <p class={css.quiet}>{t.people.notOwner(t.terms.roles[person.role].one)}</p>}
      {made.value !== undefined && <LinkCard made={made.value} onDone={() => (made.value = undefined)} />}
      <Reading of={loaded} failed={t.people.notLoaded}>
        {({ people, enrolments }) => <Body people={people} enrolments={enrolments} onMade={onMade} onChange={loaded.reload} />}
      </Reading>
      {inviting.value && <InvitePerson onMade={onMade} onClose={() => (inviting.value = false)} />}
    </Page>
  )
}

function Body(props: {
  readonly people: readonly OperatorPerson[]
  readonly enrolments: readonly OperatorEnrolment[]
  readonly onMade: (link: MadeLink) => void
  readonly onChange: () => void
}): JSX.Element {
  const { people, enrolments, onChange } = props
  const active = people.filter(({ removedAtMs }) => removedAtMs === undefined)
  const removed = people.filter(({ removedAtMs }) => removedAtMs !== undefined)
  return (
    <>
      {active.length < 2 && (
        <div class={message.caution}>
          <Icon name="triangle-alert" size={18} />
          <p>{t.people.alone}</p>
        </div>
      )}
      {enrolments.length > 0 && (
        <Card title={t.people.pending}>
          <ul class={css.rows}>
            {enrolments.map((one) => (
              <PendingRow key={one.name} enrolment={one} isHere={active.some(({ name }) => name === one.name)} onChange={onChange} />
            ))}
          </ul>
        </Card>
      )}
      <div class={css.people}>
        {active
          .toSorted((a, b) => Number(b.me) - Number(a.me))
          .map((one) => (
            <PersonCard key={one.name} person={one} onChange={onChange}>
              {one.me && <OwnPasskey onMade={props.onMade} />}
            </PersonCard>
          ))}
      </div>
      {removed.length > 0 && (
        <Card title={t.people.former}>
          <ul class={css.rows}>
            {removed.map((one) => (
              <li key={one.name} class={css.quiet}>
                {t.people.formerUntil(<bdi>{one.name}</bdi>, t.terms.roles[one.role].one, formerDay.format(one.removedAtMs))}
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  )
}

const formerDay = new Intl.DateTimeFormat(partText.locale, { dateStyle: "long" })

/** Another passkey for oneself, on another device. It is added by a link, like everybody's first. */
function OwnPasskey({ onMade }: { readonly onMade: (link: MadeLink) => void }): JSX.Element {
  const { client } = useConsole()
  const { name, role } = usePerson()
  const proof = useProof()
  const act = useAct()
  const make = (): Promise<boolean> =>
    act.run(async () => {
      const { link, expiresAtMs } = await client.call(operatorPersonInvite, { name, role, proof: await proof("people", name) })
      onMade({ name, link, expiresAtMs })
    })
  return (
    <>
      <Failure failure={act.failure.value} />
      <Button icon="plus" busy={act.busy.value} onClick={make}>
        {t.people.addPasskey}
      </Button>
    </>
  )
}

function LinkCard({ made, onDone }: { readonly made: MadeLink; readonly onDone: () => void }): JSX.Element {
  const { name } = usePerson()
  return (
    <Card title={made.name === name ? t.people.link.own : t.people.link.send(made.name)}>
      <p class={css.quiet}>
        {t.people.link.words(spanText(made.expiresAtMs - Date.now() + 60_000))} {made.name !== name && t.people.link.danger}
      </p>
      <SecretLink link={made.link} label={t.people.link.qr} />
      <div>
        <Button look="quiet" onClick={onDone}>
          {t.people.link.done}
        </Button>
      </div>
    </Card>
  )
}
