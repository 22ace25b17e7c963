import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { type SettingsSection, settingsSections } from "../app/route.ts"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { Avatar } from "../part/avatar.tsx"
import { Pane } from "../part/pane.tsx"
import { t } from "../text/catalogue.ts"
import css from "./settings-list.module.css"

const icons: Readonly<Record<SettingsSection, IconName>> = {
  profile: "user",
  appearance: "sun",
  devices: "monitor",
  server: "server",
  warnings: "shield-alert",
  data: "download",
  about: "circle-help",
}

export function SettingsList(props: { readonly section: SettingsSection | undefined }): JSX.Element {
  const { router } = useApp()
  const model = useModel()
  const account = model.account.value
  return (
    <Pane title={t.settings.title} leave="back" level="h1" onLeave={() => router.go({ at: "chats" })}>
      <div class={css.me}>
        <Avatar id={account.accountId} name={account.name} size={56} />
        <div class={css.meWords}>
          <bdi class={css.name}>{account.name}</bdi>
          <span class={css.handle}>{t.settings.onServer(account.handle, account.origin)}</span>
        </div>
      </div>
      <nav aria-label={t.settings.title}>
        <ul class={css.list}>
          {settingsSections.map((section) => (
            <li key={section}>
              <a
                class={`${css.item} ${section === (props.section ?? "profile") ? css.open : ""} ${props.section === undefined ? css.assumed : ""}`}
                href={`#/settings/${section}`}
                aria-current={props.section === section ? "page" : undefined}
              >
                <Icon name={icons[section]} class={css.icon} />
                <span class={css.words}>
                  <span>{t.settings.sections[section].title}</span>
                  <span class={css.hint}>{t.settings.sections[section].hint}</span>
                </span>
                <Icon name="chevron-right" size={16} class={css.chevron} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </Pane>
  )
}
