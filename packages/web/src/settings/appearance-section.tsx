import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { Segmented, Switch } from "../part/switch.tsx"
import { t } from "../text/catalogue.ts"
import css from "./section.module.css"

export function AppearanceSection(): JSX.Element {
  const { appearance } = useApp()
  return (
    <section class={css.card}>
      <Segmented
        legend={t.settings.appearance.theme}
        value={appearance.theme.value}
        onChange={(theme) => (appearance.theme.value = theme)}
        options={[
          { value: "system", label: t.settings.appearance.themes.system },
          { value: "light", label: t.settings.appearance.themes.light },
          { value: "dark", label: t.settings.appearance.themes.dark },
        ]}
      />
      <Segmented
        legend={t.settings.appearance.textSize}
        value={appearance.textSize.value}
        onChange={(size) => (appearance.textSize.value = size)}
        options={[
          { value: "small", label: t.settings.appearance.textSizes.small },
          { value: "normal", label: t.settings.appearance.textSizes.normal },
          { value: "large", label: t.settings.appearance.textSizes.large },
          { value: "largest", label: t.settings.appearance.textSizes.largest },
        ]}
      />
      <Switch
        label={t.settings.appearance.compact}
        hint={t.settings.appearance.compactHint}
        on={appearance.compact.value}
        onChange={(on) => (appearance.compact.value = on)}
      />
      <p class={css.words}>{t.settings.appearance.kept}</p>
    </section>
  )
}
