// For somebody who finds this browser empty and did not expect it: what can have happened, and the ways back.

import type { JSX } from "preact"
import type { IconName } from "../icon/names.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { FullPage } from "../part/full-page.tsx"
import { Row, RowCard } from "../part/rows.tsx"
import { Tile } from "../part/tile.tsx"
import { way } from "./way.ts"
import { t } from "../text/catalogue.ts"
import css from "./recover-account.module.css"

export function WasHere(props: { readonly onBack: () => void }): JSX.Element {
  const words = t.welcome.wasHere
  const causes: readonly { readonly icon: IconName; readonly title: string; readonly words: string }[] = [
    { icon: "users", ...words.profile },
    { icon: "eye", ...words.privateWindow },
    { icon: "trash-2", ...words.cleared },
  ]
  return (
    <FullPage onBack={props.onBack}>
      <div class={css.page}>
        <Tile icon="circle-help" size={66} />
        <h1 class={css.title}>{words.title}</h1>
        <p class={css.lead}>{words.lead}</p>
        <ul class={css.facts}>
          {causes.map((cause) => (
            <li key={cause.title}>
              <Icon name={cause.icon} size={18} />
              <span>
                <strong>{cause.title}</strong> {cause.words}
              </span>
            </li>
          ))}
        </ul>
        <div class={css.wide}>
          <RowCard title={t.welcome.lost.back}>
            <Row
              strong
              lead={<Tile icon="smartphone" />}
              title={t.welcome.lost.link}
              sub={t.welcome.lost.linkHint}
              onClick={() => (way.value = "link")}
            />
            <Row
              strong
              lead={<Tile icon="key-round" tint="honey" />}
              title={t.welcome.lost.recover}
              sub={t.welcome.lost.recoverHint}
              onClick={() => (way.value = "recover")}
            />
          </RowCard>
        </div>
        <div class={css.actions}>
          <Button look="quiet" onClick={() => (way.value = "create")}>
            {t.recovery.reset.fresh}
          </Button>
        </div>
      </div>
    </FullPage>
  )
}
