// Devices and backup: which devices hold the keys, the way to link another, and what brings everything back.

import type { DeviceView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { useLoad } from "../app/use-load.ts"
import { BackupCard } from "../backup/backup-card.tsx"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Caution } from "../part/caution.tsx"
import { Row, RowCard } from "../part/rows.tsx"
import { FailedState, Skeleton } from "../part/states.tsx"
import { Tile, type TileTint } from "../part/tile.tsx"
import { RecoveryCard } from "../recovery/recovery-card.tsx"
import { classIcon, className } from "../link/link-text.ts"
import { StorageCard } from "./storage-card.tsx"
import { DeviceDialog, RemoveDevice } from "./device-dialog.tsx"
import { t } from "../text/catalogue.ts"
import css from "./devices-section.module.css"

const tints: readonly TileTint[] = ["lagoon", "iris", "leaf", "honey"]

export function DevicesSection(): JSX.Element {
  const { router } = useApp()
  const { device, contactsVersion, alarms, link, recovery, connection } = useModel()
  const { value, failure, reload } = useLoad(() => device.devices(), [contactsVersion.value, alarms.value, link.value?.step === "done"])
  if (value === undefined)
    return failure === undefined ? (
      <Skeleton rows={3} look="lines" />
    ) : (
      <FailedState title={t.settings.devices.notLoaded} failure={failure} onRetry={reload} />
    )
  const alone = value.length === 1 && recovery.value?.status === "unconfirmed"
  return (
    <>
      <StorageCard />
      <div class={css.devices}>
        {alone && (
          <Caution role="note" icon="life-buoy">
            {t.link.list.onlyOne}
          </Caution>
        )}
        <RowCard title={t.link.list.title}>
          {value.map((one, at) => (
            <DeviceRow key={one.deviceId} one={one} tint={tints[at % tints.length] ?? "lagoon"} onChange={reload} />
          ))}
        </RowCard>
        {connection.value.status !== "refused" && (
          <div>
            <Button look="primary" icon="plus" onClick={() => router.go({ at: "settings", section: "devices", page: "link" })}>
              {t.link.list.link}
            </Button>
          </div>
        )}
        <p class={css.foot}>
          <Icon name="shield" size={16} />
          <span>{t.link.list.foot}</span>
        </p>
      </div>
      <RecoveryCard />
      <BackupCard />
    </>
  )
}

function DeviceRow(props: { readonly one: DeviceView; readonly tint: TileTint; readonly onChange: () => void }): JSX.Element {
  const { one, onChange } = props
  const { device, attempt } = useModel()
  const { calendar, today } = useApp()
  const open = useSignal(false)
  const asking = useSignal(false)
  const kind = className(one.deviceClass)
  const name = one.name ?? kind
  const since = one.addedMs === undefined ? undefined : t.link.list.since(calendar.day(one.addedMs, today.value))
  const acknowledge = async (): Promise<void> => {
    await attempt(t.settings.notSaved, () => device.acknowledgeOwnDevice(one.deviceId))
    onChange()
  }
  if (one.unknown === true) {
    return (
      <Row
        strong
        lead={<Tile icon="shield-alert" tint="alarm" />}
        title={<bdi>{name}</bdi>}
        sub={<span class={css.alarm}>{t.settings.devices.unknown}</span>}
        end={
          <span class={css.actions}>
            <Button look="quiet" onClick={() => void acknowledge()}>
              {t.settings.devices.itWasMe}
            </Button>
            <Button look="alarm" onClick={() => (asking.value = true)}>
              {t.settings.devices.removeUnknown}
            </Button>
          </span>
        }
      >
        {asking.value && <RemoveDevice one={one} name={name} onClose={() => (asking.value = false)} onChange={onChange} />}
      </Row>
    )
  }
  return (
    <Row
      strong
      lead={<Tile icon={classIcon(one.deviceClass)} tint={props.tint} />}
      title={<bdi>{name}</bdi>}
      sub={
        <>
          {one.own && <span class={css.hereBelow}>{t.link.list.here} · </span>}
          {[one.name === undefined ? undefined : kind, since].filter((part) => part !== undefined).join(" · ")}
        </>
      }
      end={one.own && <span class={css.here}>{t.link.list.here}</span>}
      onClick={() => (open.value = true)}
    >
      {open.value && <DeviceDialog one={one} name={name} onClose={() => (open.value = false)} onChange={onChange} />}
    </Row>
  )
}
