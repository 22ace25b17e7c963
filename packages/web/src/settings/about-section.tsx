import type { JSX } from "preact"
import { useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Rings } from "../part/rings.tsx"
import { t } from "../text/catalogue.ts"
import css from "./section.module.css"

export function AboutSection(): JSX.Element {
  const { account } = useModel()
  const { server, origin } = account.value
  return (
    <>
      <section class={css.card}>
        <Rings size={30} />
        <p class={css.lead}>{t.settings.about.lead}</p>
        <ul class={css.points}>
          <li class={css.point}>
            <Icon name="lock" size={18} />
            <span>{t.settings.about.encrypted}</span>
          </li>
          <li class={css.point}>
            <Icon name="users" size={18} />
            <span>{t.settings.about.members}</span>
          </li>
          <li class={css.point}>
            <Icon name="shield" size={18} />
            <span>{t.settings.about.stored}</span>
          </li>
        </ul>
      </section>
      <section class={css.card}>
        <h3 class={css.title}>{t.settings.about.limits}</h3>
        <ul class={css.points}>
          <li class={css.point}>
            <Icon name="globe" size={18} />
            <span>{t.settings.about.page}</span>
          </li>
          <li class={css.point}>
            <Icon name="monitor" size={18} />
            <span>{t.settings.about.computer}</span>
          </li>
          <li class={css.point}>
            <Icon name="server" size={18} />
            <span>{t.settings.about.metadata}</span>
          </li>
          <li class={css.point}>
            <Icon name="triangle-alert" size={18} />
            <span>{t.settings.about.audit}</span>
          </li>
        </ul>
      </section>
      <section class={css.card}>
        <dl class={css.facts}>
          <div class={css.fact}>
            <dt>{t.settings.about.server}</dt>
            <dd>{origin}</dd>
          </div>
          <div class={css.fact}>
            <dt>{t.settings.about.version}</dt>
            <dd>{server.version}</dd>
          </div>
        </dl>
      </section>
    </>
  )
}
