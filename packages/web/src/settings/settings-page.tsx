import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import type { DevicesPage, SettingsSection } from "../app/route.ts"
import { Pane } from "../part/pane.tsx"
import { WherePage } from "../backup/where-page.tsx"
import { LinkDevice } from "../link/link-device.tsx"
import { CheckPage } from "../recovery/check-page.tsx"
import { WordsPage } from "../recovery/words-page.tsx"
import { AboutSection } from "./about-section.tsx"
import { AppearanceSection } from "./appearance-section.tsx"
import { DataSection } from "./data-section.tsx"
import { DevicesSection } from "./devices-section.tsx"
import { ProfileSection } from "./profile-section.tsx"
import { ServerSection } from "./server-section.tsx"
import { WarningsSection } from "./warnings-section.tsx"
import { t } from "../text/catalogue.ts"
import css from "./settings-page.module.css"

export function SettingsPage(props: { readonly section: SettingsSection; readonly page: DevicesPage | undefined }): JSX.Element {
  const { router } = useApp()
  const { page } = props
  if (page !== undefined) {
    return (
      <div class={css.page}>
        <Pane title={t.settings.pages[page]} leave="back" reading onLeave={() => router.go({ at: "settings", section: "devices" })}>
          <div class={css.column} key={page}>
            {pageBody(page)}
          </div>
        </Pane>
      </div>
    )
  }
  return (
    <div class={css.page}>
      <Pane
        title={t.settings.sections[props.section].title}
        leave="back"
        leaveOnPhone
        reading
        onLeave={() => router.go({ at: "settings", section: undefined })}
      >
        <div class={css.column} key={props.section}>
          {body(props.section)}
        </div>
      </Pane>
    </div>
  )
}

function body(section: SettingsSection): JSX.Element {
  switch (section) {
    case "profile":
      return <ProfileSection />
    case "appearance":
      return <AppearanceSection />
    case "devices":
      return <DevicesSection />
    case "server":
      return <ServerSection />
    case "warnings":
      return <WarningsSection />
    case "data":
      return <DataSection />
    case "about":
      return <AboutSection />
  }
}

function pageBody(page: DevicesPage): JSX.Element {
  switch (page) {
    case "link":
      return <LinkDevice />
    case "words":
      return <WordsPage />
    case "check":
      return <CheckPage />
    case "where":
      return <WherePage />
  }
}
