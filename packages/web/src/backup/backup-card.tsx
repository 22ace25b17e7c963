// Settings: how the backups stand, where they go, a file to keep, and the way to bring everything back.

import type { BackupTarget, BackupView } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import type { IconName } from "../icon/names.ts"
import { Button } from "../part/button.tsx"
import { ProgressBar, partOf, percentOf } from "../part/progress-ring.tsx"
import { Row, RowCard } from "../part/rows.tsx"
import { saveBlob } from "../part/save-file.ts"
import { Tile, type TileTint } from "../part/tile.tsx"
import { t } from "../text/catalogue.ts"
import css from "./backup.module.css"

const targetNames: Readonly<Record<BackupTarget, string>> = {
  server: t.backup.where.server,
  s3: t.backup.where.s3,
  file: t.backup.where.file,
  none: t.backup.where.none,
}

export function BackupCard(): JSX.Element | null {
  const { router } = useApp()
  const { backup } = useModel()
  const view = backup.value
  if (view === undefined) return null
  return (
    <RowCard title={t.backup.title}>
      <StatusRow view={view} />
      <Row
        title={t.backup.where.title}
        sub={targetNames[view.target]}
        onClick={() => router.go({ at: "settings", section: "devices", page: "where" })}
      />
      <FileRow />
      <Row title={t.backup.restore.row} sub={t.backup.restore.rowHint} onClick={() => router.go({ at: "restore" })} />
    </RowCard>
  )
}

function StatusRow(props: { readonly view: BackupView }): JSX.Element {
  const { view } = props
  const { router } = useApp()
  const { device, attempt } = useModel()
  const { icon, tint, title, sub } = useStatus(view)
  const begin = (): void => {
    if (view.target === "none") router.go({ at: "settings", section: "devices", page: "where" })
    else void attempt(t.backup.notBegun, () => device.backupNow())
  }
  const label = view.status === "failed" ? t.backup.again : view.target === "none" ? t.backup.turnOn : t.backup.now
  return (
    <Row
      strong
      lead={<Tile icon={icon} tint={tint} />}
      title={title}
      sub={sub}
      end={
        view.status !== "running" &&
        view.target !== "file" && (
          <Button look={view.status === "never" ? "primary" : "plain"} onClick={begin}>
            {label}
          </Button>
        )
      }
    >
      {view.status === "running" && (
        <div class={css.bar}>
          <ProgressBar part={partOf(view.progress)} label={t.backup.state.progress} />
        </div>
      )}
    </Row>
  )
}

function useStatus(view: BackupView): {
  readonly icon: IconName
  readonly tint: TileTint
  readonly title: string
  readonly sub: string
} {
  const { calendar, today } = useApp()
  const words = t.backup.state
  const when = view.lastMs === undefined ? "" : t.backup.when(calendar.day(view.lastMs, today.value), calendar.clock(view.lastMs))
  switch (view.status) {
    case "never":
      return { icon: "hard-drive", tint: "caution", title: words.never, sub: words.neverWords }
    case "running": {
      const part = partOf(view.progress)
      return {
        icon: "cloud-upload",
        tint: "lagoon",
        title: words.running,
        sub: part === undefined ? words.runningPlain : words.runningWords(percentOf(part)),
      }
    }
    case "fresh":
      return {
        icon: "check",
        tint: "positive",
        title: words.fresh(when),
        sub: view.bytes === undefined ? words.freshPlain : words.freshWords(t.backup.size(view.bytes)),
      }
    case "stale":
      return { icon: "history", tint: "caution", title: words.stale(when), sub: words.staleWords }
    case "failed": {
      const before = view.lastMs === undefined ? words.noneSince : words.failedSince(when)
      return {
        icon: "triangle-alert",
        tint: "caution",
        title: words.failed,
        sub: view.failure === undefined ? before : `${view.failure.message} ${before}`,
      }
    }
  }
}

function FileRow(): JSX.Element {
  const { host } = useApp()
  const { account, attempt, notify } = useModel()
  const busy = useSignal(false)
  const save = async (): Promise<void> => {
    if (busy.peek()) return
    busy.value = true
    const done = await attempt(t.backup.file.notSaved, async () =>
      saveBlob(`nodoor-${account.peek().handle}.nodoor-archive`, await host.saveBackup()),
    )
    if (done) notify(t.backup.file.saved)
    busy.value = false
  }
  return <Row title={t.backup.file.save} sub={busy.value ? t.backup.file.making : t.backup.file.saveHint} onClick={() => void save()} />
}
