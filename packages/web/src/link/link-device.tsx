// Settings, "Link a device": the side of a device that lets another one in. A code is taken only while this is open.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Row, RowCard } from "../part/rows.tsx"
import { Tile } from "../part/tile.tsx"
import { partText } from "../text/part-text.ts"
import { shownName } from "./link-text.ts"
import type { LinkHow } from "../host/host.ts"
import { CodeForm } from "./code-form.tsx"
import { LinkCode } from "./link-code.tsx"
import { Connecting, LinkDone, LinkFailed, LinkProgress } from "./link-parts.tsx"
import { NumberChoice } from "./number-choice.tsx"
import { Scanner } from "./scanner.tsx"
import { t } from "../text/catalogue.ts"
import css from "./link-screen.module.css"

type Way = "choose" | "scan" | "type"

export function LinkDevice(): JSX.Element {
  const { router, arrival } = useApp()
  const { device, link, attempt } = useModel()
  const way = useSignal<Way>("choose")
  const busy = useSignal(false)
  const wasSent = useSignal(arrival.peek().link !== undefined)
  useEffect(() => {
    arrival.value = { ...arrival.peek(), link: undefined }
    return () => {
      // What ended, or has not got past the question, is forgotten with the screen. What goes on, goes on.
      const step = link.peek()?.step
      if (step === undefined || step === "adding" || step === "transferring") return
      link.value = undefined
      if (step !== "done" && step !== "failed") void device.cancelLink().catch(() => undefined)
    }
  }, [])

  const begin = async (how: LinkHow): Promise<void> => {
    link.value = await device.startLink(how)
  }
  const tryBegin = (how: LinkHow): void => void attempt(t.link.failed.title, () => begin(how))
  const cancel = async (): Promise<void> => {
    way.value = "choose"
    link.value = undefined
    await device.cancelLink().catch(() => undefined)
  }
  const answer = async (given: { readonly number: number } | { readonly deny: true }): Promise<void> => {
    busy.value = true
    await attempt(t.link.failed.title, () => device.answerLink(given))
    busy.value = false
  }
  const leave = (): void => router.go({ at: "settings", section: "devices" })

  const view = link.value?.role === "old" ? link.value : undefined
  switch (view?.step) {
    case "showing":
      return (
        <div class={css.ways}>
          <LinkCode link={view} onAgain={() => tryBegin({ show: true })}>
            <p class={css.lead}>{t.link.oldDevice.showWords}</p>
          </LinkCode>
          <Never />
          <div>
            <Button look="quiet" onClick={() => void cancel()}>
              {partText.cancel}
            </Button>
          </div>
        </div>
      )
    case "connecting":
    case "choosing":
      return <Connecting cancel={partText.cancel} onCancel={() => void cancel()} />
    case "confirming":
      return (
        <NumberChoice
          link={view}
          busy={busy.value}
          onChoose={(number) => void answer({ number })}
          onDeny={() => void answer({ deny: true })}
        />
      )
    case "adding":
    case "transferring":
      return <LinkProgress link={view} />
    case "done":
      return <LinkDone name={view.peer && shownName(view.peer.name)} onClose={leave} />
    case "failed":
      return <LinkFailed failure={view.failure} onAgain={() => void cancel()} onLeave={leave} />
  }
  if (way.value === "scan") {
    return (
      <Scanner
        onType={() => (way.value = "type")}
        onCode={(text) => {
          if (!text.includes("#link/")) return false
          way.value = "choose"
          tryBegin({ code: text })
          return true
        }}
      />
    )
  }
  if (way.value === "type") {
    return (
      <div class={css.ways}>
        <CodeForm onCode={(code) => begin({ code })} />
        <Never />
      </div>
    )
  }
  return (
    <div class={css.ways}>
      {wasSent.value ? (
        <p class={css.caution} role="alert">
          <Icon name="triangle-alert" size={18} />
          <strong>{t.link.oldDevice.sentTitle}</strong>
          <span>{t.link.oldDevice.sentWords}</span>
        </p>
      ) : (
        <p class={css.lead}>{t.link.oldDevice.words}</p>
      )}
      <RowCard>
        <Row strong lead={<Tile icon="camera" />} title={t.link.oldDevice.scan} onClick={() => (way.value = "scan")} />
        <Row strong lead={<Tile icon="keyboard" tint="iris" />} title={t.link.oldDevice.type} onClick={() => (way.value = "type")} />
        <Row strong lead={<Tile icon="qr-code" tint="leaf" />} title={t.link.oldDevice.show} onClick={() => tryBegin({ show: true })} />
      </RowCard>
      <Never />
    </div>
  )
}

function Never(): JSX.Element {
  return (
    <p class={css.never}>
      <Icon name="shield" size={16} />
      <span>{t.link.oldDevice.never}</span>
    </p>
  )
}
