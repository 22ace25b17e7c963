import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { Icon } from "../icon/icon.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { OperatorNotices } from "./operator-notices.tsx"
import { CanaryCard } from "./canary-card.tsx"
import { t } from "../text/catalogue.ts"
import css from "./section.module.css"

/** Everything the operator could ever hand over, read from the server now. */
export function ServerSection(): JSX.Element {
  const { calendar } = useApp()
  const { device, account } = useModel()
  const { value, failure, reload } = useLoad(() => device.serverRecord(), [])
  const { server } = account.value
  return (
    <>
      <OperatorNotices when="told" />
      <section class={css.card}>
        <h3 class={css.title}>{t.server.record.title(account.value.origin)}</h3>
        {value === undefined ? (
          failure === undefined ? (
            <Skeleton rows={5} look="lines" />
          ) : (
            <FailedState title={t.server.record.notLoaded} failure={failure} onRetry={reload} />
          )
        ) : (
          <dl class={css.facts}>
            <Fact name={t.server.record.name}>{value.name}</Fact>
            <Fact name={t.server.record.handle}>{`@${value.handle}`}</Fact>
            <Fact name={t.server.record.email}>{value.email ?? t.server.record.none}</Fact>
            <Fact name={t.server.record.created}>{calendar.full(value.createdAtMs)}</Fact>
            <Fact name={t.server.record.lastSeenDay}>{calendar.utcDay(value.lastSeenDay)}</Fact>
            <Fact name={t.server.record.devices}>{String(value.deviceCount)}</Fact>
            <div class={css.fact}>
              <dt>{t.server.record.addresses(server.ipDays)}</dt>
              <dd>
                {value.addresses.length === 0 ? (
                  t.server.record.none
                ) : (
                  <ul>
                    {value.addresses.map((one) => (
                      <li key={`${one.address} ${one.firstSeenMs}`}>
                        <span class={css.mono}>{one.address}</span>{" "}
                        <span class={css.sub}>{t.server.record.addressSeen(calendar.full(one.lastSeenMs))}</span>
                      </li>
                    ))}
                  </ul>
                )}
              </dd>
            </div>
          </dl>
        )}
        <p class={css.words}>
          {t.server.record.words(server.messageDays)}
          {server.inactiveDays > 0 && ` ${t.server.record.inactive(server.inactiveDays)}`}
        </p>
      </section>
      <OperatorNotices when="none" />
      <KeyLog />
      <CanaryCard />
      <section class={css.card}>
        <h3 class={css.title}>{t.server.cannot.title}</h3>
        <ul class={css.points}>
          {t.server.cannot.points.map((point) => (
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

/** The state of the public key log, as this device last checked it. */
function KeyLog(): JSX.Element {
  const { calendar } = useApp()
  const { device } = useModel()
  const { value, failure, reload } = useLoad(() => device.logStatus(), [])
  return (
    <section class={css.card}>
      <h3 class={css.title}>{t.server.keyLog.title}</h3>
      <p class={css.words}>{t.server.keyLog.words}</p>
      {value === undefined ? (
        failure === undefined ? (
          <Skeleton rows={3} look="lines" />
        ) : (
          <FailedState title={t.server.keyLog.notLoaded} failure={failure} onRetry={reload} />
        )
      ) : (
        <dl class={css.facts}>
          <Fact name={t.server.keyLog.confirmedBy}>{t.server.keyLog.tiers[value.tier]}</Fact>
          {value.witnesses.length > 0 && <Fact name={t.server.keyLog.witnesses}>{t.server.keyLog.names(value.witnesses)}</Fact>}
          {value.auditors.length > 0 && <Fact name={t.server.keyLog.auditors}>{t.server.keyLog.names(value.auditors)}</Fact>}
          {value.checkedAtMs !== undefined && <Fact name={t.server.keyLog.checked}>{calendar.full(value.checkedAtMs)}</Fact>}
          {value.size !== undefined && <Fact name={t.server.keyLog.size}>{t.server.keyLog.entries(value.size)}</Fact>}
          {value.pin !== undefined && (
            <div class={css.fact}>
              <dt>{t.server.keyLog.firstEntry}</dt>
              <dd class={css.mono}>{value.pin.replaceAll(/(.{5})(?=.)/g, "$1 ")}</dd>
            </div>
          )}
          {value.stopped !== undefined && <Fact name={t.server.keyLog.stopped}>{t.server.keyLog.stoppedWords}</Fact>}
        </dl>
      )}
    </section>
  )
}
