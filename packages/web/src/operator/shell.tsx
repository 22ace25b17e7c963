// The console's frame: the navigation, who is signed in, and the page.

import { operatorSignOut } from "@nodoor/wire/operator"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { Icon } from "../icon/icon.tsx"
import type { IconName } from "../icon/names.ts"
import { Button } from "../part/button.tsx"
import { Wordmark } from "../part/rings.tsx"
import { AccountsPage } from "./accounts/accounts-page.tsx"
import { CasePage } from "./cases/case-page.tsx"
import { CasesPage } from "./cases/cases-page.tsx"
import { NewCasePage } from "./cases/new-case-page.tsx"
import { useConsole, usePerson } from "./context.ts"
import { InvitesPage } from "./invites/invites-page.tsx"
import { LogPage } from "./log/log-page.tsx"
import { OverviewPage } from "./overview/overview-page.tsx"
import { PeoplePage } from "./people/people-page.tsx"
import { Page } from "./part/page.tsx"
import { type PageName, type Place, formatPlace, pageOf, pages } from "./place.ts"
import { SettingsPage } from "./settings/settings-page.tsx"
import { t } from "./text/catalogue.ts"
import css from "./shell.module.css"

const pageIcons: Readonly<Record<PageName, IconName>> = {
  overview: "server",
  cases: "inbox",
  accounts: "users",
  invites: "ticket",
  people: "shield",
  log: "link",
  settings: "settings",
}
/** The pages that fit into a phone's bottom bar. */
const phonePages: readonly PageName[] = ["overview", "cases", "accounts", "invites"]

export function Shell(): JSX.Element {
  const { places } = useConsole()
  const place = places.place.value
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  const key = formatPlace(place)
  // A new page starts with the focus on its heading, also for screen readers. The first page leaves the focus to the browser.
  useEffect(() => {
    if (first.current) first.current = false
    else main.current?.querySelector<HTMLElement>("h1")?.focus()
  }, [key])
  return (
    <div class={css.shell}>
      <nav class={css.nav} aria-label={t.frame.navigation}>
        <a
          class={css.skip}
          href={key}
          onClick={(event) => (event.preventDefault(), main.current?.querySelector<HTMLElement>("h1")?.focus())}
        >
          {t.frame.skip}
        </a>
        <p class={css.brand}>
          <Wordmark />
          <span class={css.host}>{window.location.host}</span>
        </p>
        <ul class={css.links}>
          {pages.map((page) => (
            <li key={page} class={phonePages.includes(page) ? "" : css.wideOnly}>
              <NavLink place={{ at: page }} title={t.frame.pages[page]} icon={pageIcons[page]} current={pageOf(place) === page} />
            </li>
          ))}
          <li class={css.phoneOnly}>
            <NavLink
              place={{ at: "more" }}
              title={t.frame.more}
              icon="ellipsis"
              current={!phonePages.some((page) => page === pageOf(place))}
            />
          </li>
        </ul>
        <Me />
      </nav>
      <main class={css.main} ref={main} key={key}>
        {body(place)}
      </main>
    </div>
  )
}

function NavLink(props: {
  readonly place: Place
  readonly title: string
  readonly icon: IconName
  readonly current: boolean
}): JSX.Element {
  return (
    <a class={css.link} href={formatPlace(props.place)} aria-current={props.current ? "page" : undefined}>
      <Icon name={props.icon} />
      <span>{props.title}</span>
    </a>
  )
}

function Me(): JSX.Element {
  const { client, session } = useConsole()
  const person = usePerson()
  const signOut = (): void => {
    // Tell the server while the token is still there. This tab forgets it whether the server hears that or not.
    void client.call(operatorSignOut, {}).catch(() => undefined)
    session.end("left")
  }
  return (
    <div class={css.me}>
      <p class={css.meWords}>
        <span class={css.name}>
          <bdi>{person.name}</bdi>
        </span>
        <span class={css.role}>{t.terms.roles[person.role].name}</span>
      </p>
      <Button look="quiet" icon="log-out" onClick={signOut}>
        {t.frame.signOut}
      </Button>
    </div>
  )
}

function body(place: Place): JSX.Element {
  switch (place.at) {
    case "overview":
      return <OverviewPage />
    case "cases":
      return <CasesPage />
    case "new-case":
      return <NewCasePage />
    case "case":
      return <CasePage caseId={place.caseId} />
    case "accounts":
      return <AccountsPage />
    case "invites":
      return <InvitesPage />
    case "people":
      return <PeoplePage />
    case "log":
      return <LogPage />
    case "settings":
      return <SettingsPage />
    case "more":
      return <MorePage />
  }
}

function MorePage(): JSX.Element {
  return (
    <Page title={t.frame.more} blind="people">
      <ul class={css.moreLinks}>
        {pages
          .filter((page) => !phonePages.includes(page))
          .map((page) => (
            <li key={page}>
              <NavLink place={{ at: page }} title={t.frame.pages[page]} icon={pageIcons[page]} current={false} />
            </li>
          ))}
      </ul>
      <Me />
    </Page>
  )
}
