// The configuration as it is in force. Nothing can be changed here: who may change it is whoever has the machine.

import { type OperatorSetting, operatorSettings } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useLoad } from "../../app/use-load.ts"
import { Icon } from "../../icon/icon.tsx"
import { useConsole } from "../context.ts"
import message from "../part/message.module.css"
import { Card, Page, Reading } from "../part/page.tsx"
import { Tag } from "../part/tag.tsx"
import { sectionsOf, tomlLines, variableOf } from "./how-to-change.ts"
import css from "./settings.module.css"

export function SettingsPage(): JSX.Element {
  const { client } = useConsole()
  const loaded = useLoad(() => client.call(operatorSettings, {}), [])
  return (
    <Page title="Settings" blind="settings" lead="As they are in force since the server started.">
      <Reading of={loaded} failed="The settings could not be read">
        {({ file, fileExists, settings }) => (
          <>
            <p class={message.note}>
              <Icon name="info" size={18} />
              <span>
                Read-only. They are changed at the machine, in <code class={css.code}>{file}</code>
                {fileExists ? "" : ", which does not exist yet"}, or by variables of the environment, which go before it. Then the server is
                started again; <code class={css.code}>nodoor-server config check</code> says beforehand whether it will.
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
          {setting.secret && <span class={css.help}> (a secret: never shown)</span>}
        </p>
        <Source setting={setting} />
        <details class={css.change}>
          <summary>
            How to change it<span class="visually-hidden">: {setting.key}</span>
          </summary>
          <pre tabIndex={0} aria-label={`Lines of nodoor.toml for ${setting.key}`}>
            {tomlLines(setting).join("\n")}
          </pre>
          <p class={css.help}>
            or the variable <code class={css.code}>{variableOf(setting)}</code>
          </p>
        </details>
      </div>
    </li>
  )
}

function Source({ setting }: { readonly setting: OperatorSetting }): JSX.Element {
  switch (setting.source) {
    case "default":
      return <span class={css.help}>by default</span>
    case "file":
      return <Tag look="accent">from the file</Tag>
    case "environment":
      return <Tag look="accent">from {setting.variable}</Tag>
  }
}

function title(section: string): string {
  if (section === "") return "General"
  return section === "email" ? "E-mail" : section.slice(0, 1).toUpperCase() + section.slice(1).replaceAll("_", " ")
}
