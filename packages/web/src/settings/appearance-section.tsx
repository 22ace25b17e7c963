import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { Segmented, Switch } from "../part/switch.tsx"
import css from "./section.module.css"

export function AppearanceSection(): JSX.Element {
  const { appearance } = useApp()
  return (
    <section class={css.card}>
      <Segmented
        legend="Colours"
        value={appearance.theme.value}
        onChange={(theme) => (appearance.theme.value = theme)}
        options={[
          { value: "system", label: "As the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
      />
      <Segmented
        legend="Text size"
        value={appearance.textSize.value}
        onChange={(size) => (appearance.textSize.value = size)}
        options={[
          { value: "small", label: "Small" },
          { value: "normal", label: "Normal" },
          { value: "large", label: "Large" },
          { value: "largest", label: "Largest" },
        ]}
      />
      <Switch
        label="Compact list"
        hint="More chats on the screen."
        on={appearance.compact.value}
        onChange={(on) => (appearance.compact.value = on)}
      />
      <p class={css.words}>Kept in this browser only.</p>
    </section>
  )
}
