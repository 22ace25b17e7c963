import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { Icon } from "../icon/icon.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
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
              <dt>{server.ipDays === 0 ? "IP addresses (not kept)" : `IP addresses (kept ${server.ipDays} ${server.ipDays === 1 ? "day" : "days"})`}</dt>
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
          These are the same rows that a lawful request could obtain. Messages wait on the server encrypted until your devices have fetched them, at most {server.mailboxDays} days.
        </p>
      </section>
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
