import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { Icon } from "../icon/icon.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { OperatorNotices } from "./operator-notices.tsx"
import { CanaryCard } from "./canary-card.tsx"
import css from "./section.module.css"

const cannot = [
  "What you write, and which member of a chat wrote it",
  "The names of your groups, your drafts, reactions and what you have read",
  "Your profile name as your contacts see it, and whom you have verified",
  "Your keys: they never leave this device",
] as const

/** Everything the operator could ever hand out, asked from the server this moment. */
export function ServerSection(): JSX.Element {
  const { calendar } = useApp()
  const { device, account } = useModel()
  const { value, failure, reload } = useLoad(() => device.serverRecord(), [])
  const { server } = account.value
  return (
    <>
      <OperatorNotices when="told" />
      <section class={css.card}>
        <h3 class={css.title}>All that {account.value.origin} holds about you</h3>
        {value === undefined ? (
          failure === undefined ? (
            <Skeleton rows={5} look="lines" />
          ) : (
            <FailedState title="The server could not be asked" failure={failure} onRetry={reload} />
          )
        ) : (
          <dl class={css.facts}>
            <Fact name="Name you gave">{value.name}</Fact>
            <Fact name="Handle">{`@${value.handle}`}</Fact>
            <Fact name="E-mail address">{value.email ?? "None"}</Fact>
            <Fact name="Account made">{calendar.full(value.createdAtMs)}</Fact>
            <Fact name="Last seen, by day">{value.lastSeenDay}</Fact>
            <Fact name="Devices">{String(value.deviceCount)}</Fact>
            <div class={css.fact}>
              <dt>
                {server.ipDays === 0
                  ? "IP addresses (not kept)"
                  : `IP addresses (kept ${server.ipDays} ${server.ipDays === 1 ? "day" : "days"})`}
              </dt>
              <dd>
                {value.addresses.length === 0 ? (
                  "None"
                ) : (
                  <ul>
                    {value.addresses.map((one) => (
                      <li key={`${one.address} ${one.firstSeenMs}`}>
                        <span class={css.mono}>{one.address}</span> <span class={css.sub}>last {calendar.full(one.lastSeenMs)}</span>
                      </li>
                    ))}
                  </ul>
                )}
              </dd>
            </div>
          </dl>
        )}
        <p class={css.words}>
          These are the same rows that a lawful request could obtain. Messages wait on the server encrypted until your devices have fetched
          them, at most {server.mailboxDays} days.
          {server.inactiveDays > 0 && ` An account that is not used for ${server.inactiveDays} days is erased from the server.`}
        </p>
      </section>
      <OperatorNotices when="none" />
      <KeyLog />
      <CanaryCard />
      <section class={css.card}>
        <h3 class={css.title}>What it cannot know</h3>
        <ul class={css.points}>
          {cannot.map((point) => (
            <li key={point} class={css.point}>
              <Icon name="lock" size={18} />
              <span>{point}</span>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

function Fact(props: { readonly name: string; readonly children: string }): JSX.Element {
  return (
    <div class={css.fact}>
      <dt>{props.name}</dt>
      <dd dir="auto">{props.children}</dd>
    </div>
  )
}

const tiers = {
  unknown: "Not checked yet",
  not_independently_witnessed: "Not independently witnessed: only the operator vouches for it",
  witnessed: "Witnessed by others",
} as const

/** The public log of everybody's keys, as this device has checked it. */
function KeyLog(): JSX.Element {
  const { calendar } = useApp()
  const { device } = useModel()
  const { value, failure, reload } = useLoad(() => device.logStatus(), [])
  return (
    <section class={css.card}>
      <h3 class={css.title}>The key log</h3>
      <p class={css.words}>
        The server writes every change of anybody’s keys into a log that it can add to but not rewrite. Your device checks that everyone is
        shown the same one.
      </p>
      {value === undefined ? (
        failure === undefined ? (
          <Skeleton rows={3} look="lines" />
        ) : (
          <FailedState title="The key log was not looked at" failure={failure} onRetry={reload} />
        )
      ) : (
        <dl class={css.facts}>
          <Fact name="Who vouches for it">{tiers[value.tier]}</Fact>
          {value.witnesses.length > 0 && <Fact name="Witnesses">{value.witnesses.join(", ")}</Fact>}
          {value.auditors.length > 0 && <Fact name="Auditors">{value.auditors.join(", ")}</Fact>}
          {value.checkedAtMs !== undefined && <Fact name="Last checked">{calendar.full(value.checkedAtMs)}</Fact>}
          {value.size !== undefined && <Fact name="Entries">{value.size.toLocaleString("en")}</Fact>}
          {value.pin !== undefined && (
            <div class={css.fact}>
              <dt>Its first entry</dt>
              <dd class={css.mono}>{value.pin.replaceAll(/(.{5})(?=.)/g, "$1 ")}</dd>
            </div>
          )}
          {value.stopped !== undefined && <Fact name="Stopped">Nothing is sent from this device, because the key log did not verify.</Fact>}
        </dl>
      )}
    </section>
  )
}
