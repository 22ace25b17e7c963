// The configuration in force. It cannot be changed here, only by somebody with access to the machine.

import { type OperatorSetting, operatorSettings } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { useConsole } from "../context.ts"
import { t } from "../text/catalogue.ts"
import message from "../part/message.module.css"
import { Card, Page, Reading } from "../part/page.tsx"
import { Tag } from "../part/tag.tsx"
import { sectionsOf, tomlLines, variableOf } from "./how-to-change.ts"
import css from "./settings.module.css"

export function SettingsPage(): JSX.Element {
  const { client } = useConsole()
  const loaded = useLoad(() => client.call(operatorSettings, {}), [])
  return (
    <Page title={t.frame.pages.settings} blind="settings" lead={t.settings.lead}>
      <Reading of={loaded} failed={t.settings.notLoaded}>
        {({ file, fileExists, settings }) => (
          <>
            <p class={message.note}>
              <Icon name="info" size={18} />
              <span>
                {t.settings.readOnly(
                  <code class={css.code}>{file}</code>,
                  fileExists,
                  <code class={css.code}>nodoor-server config check</code>,
                )}
              </span>
            </p>
            {sectionsOf(settings).map(({ name, settings: members }) => (
              <Card key={name} title={title(name)}>
                <ul class={css.list}>
                  {members.map((setting) => (
                    <Setting key={setting.key} setting={setting} />
                  ))}
                </ul>
              </Card>
            ))}
          </>
        )}
      </Reading>
    </Page>
  )
}

function Setting({ setting }: { readonly setting: OperatorSetting }): JSX.Element {
  return (
    <li class={css.setting}>
      <div class={css.words}>
        <code class={css.key}>{setting.key}</code>
        <p class={css.help}>{setting.help}</p>
      </div>
      <div class={css.value}>
        <p class={css.inForce} dir="auto">
          {setting.value}
          {setting.secret && <span class={css.help}> {t.settings.secret}</span>}
        </p>
        <Source setting={setting} />
        <details class={css.change}>
          <summary>
            {t.settings.howToChange}
            <span class="visually-hidden">: {setting.key}</span>
          </summary>
          <pre tabIndex={0} aria-label={t.settings.lines(setting.key)}>
            {tomlLines(setting).join("\n")}
          </pre>
          <p class={css.help}>{t.settings.orVariable(<code class={css.code}>{variableOf(setting)}</code>)}</p>
        </details>
      </div>
    </li>
  )
}

function Source({ setting }: { readonly setting: OperatorSetting }): JSX.Element {
  switch (setting.source) {
    case "default":
      return <span class={css.help}>{t.settings.byDefault}</span>
    case "file":
      return <Tag look="accent">{t.settings.fromFile}</Tag>
    case "environment":
      return <Tag look="accent">{t.settings.fromVariable(setting.variable)}</Tag>
  }
}

function title(section: string): string {
  if (section === "") return t.settings.general
  return section === "email" ? t.settings.email : section.slice(0, 1).toUpperCase() + section.slice(1).replaceAll("_", " ")
}
