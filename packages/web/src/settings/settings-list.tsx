import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { type SettingsSection, settingsSections } from "../app/route.ts"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { Avatar } from "../part/avatar.tsx"
import { Pane } from "../part/pane.tsx"
import css from "./settings-list.module.css"

export const sectionTitles: Readonly<Record<SettingsSection, { readonly title: string; readonly hint: string; readonly icon: IconName }>> =
  {
    profile: { title: "Profile", hint: "Your name and your link", icon: "user" },
    appearance: { title: "Appearance", hint: "Light, dark, text size", icon: "sun" },
    devices: { title: "Devices", hint: "Where your account lives", icon: "monitor" },
    server: { title: "What the server knows", hint: "All of it, and what it cannot see", icon: "server" },
    data: { title: "Your data", hint: "Take it with you, or erase it", icon: "download" },
    about: { title: "How it works", hint: "What protects you, and what does not", icon: "circle-help" },
  }

export function SettingsList(props: { readonly section: SettingsSection | undefined }): JSX.Element {
  const { router } = useApp()
  const model = useModel()
  const account = model.account.value
  return (
    <Pane title="Settings" leave="back" level="h1" onLeave={() => router.go({ at: "chats" })}>
      <div class={css.me}>
        <Avatar id={account.accountId} name={account.name} size={56} />
        <div class={css.meWords}>
          <bdi class={css.name}>{account.name}</bdi>
          <span class={css.handle}>
            @{account.handle} on {account.origin}
          </span>
        </div>
      </div>
      <nav aria-label="Settings">
        <ul class={css.list}>
          {settingsSections.map((section) => (
            <li key={section}>
              <a
                class={`${css.item} ${section === (props.section ?? "profile") ? css.open : ""} ${props.section === undefined ? css.assumed : ""}`}
                href={`#/settings/${section}`}
                aria-current={props.section === section ? "page" : undefined}
              >
                <Icon name={sectionTitles[section].icon} class={css.icon} />
                <span class={css.words}>
                  <span>{sectionTitles[section].title}</span>
                  <span class={css.hint}>{sectionTitles[section].hint}</span>
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
