// "I already have an account": this browser joins an account that is on another device. It shows a code, or takes theirs.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { useApp } from "../app/context.ts"
import { HostError, type LinkHow } from "../host/host.ts"
import { CodeForm } from "../link/code-form.tsx"
import { LinkCode } from "../link/link-code.tsx"
import { Connecting, LinkFailed, LinkProgress, OwnNumber } from "../link/link-parts.tsx"
import { Button } from "../part/button.tsx"
import { Caution } from "../part/caution.tsx"
import { FullPage } from "../part/full-page.tsx"
import { partText } from "../text/part-text.ts"
import { type Way, way } from "./way.ts"
import { t } from "../text/catalogue.ts"
import css from "./link-this-device.module.css"

export function LinkThisDevice(): JSX.Element {
  const { host, arrival } = useApp()
  const view = host.linking.value
  const how = useSignal<"show" | "type">(arrival.peek().link === undefined ? "show" : "type")
  /** A link that was opened here fills in the field; nothing begins before the person says so. */
  const opened = useSignal(arrival.peek().link)
  const failure = useSignal<{ readonly code: string; readonly message: string } | undefined>(undefined)
  const begin = async (how: LinkHow): Promise<void> => {
    failure.value = undefined
    await host.linkDevice(how)
  }
  const show = async (): Promise<void> => {
    how.value = "show"
    try {
      await begin({ show: true })
    } catch (error) {
      failure.value =
        error instanceof HostError ? { code: error.code, message: error.message } : { code: "unexpected", message: partText.unexpected }
    }
  }
  const owner = host.owner.value
  useEffect(() => void (arrival.value = { ...arrival.peek(), link: undefined }), [])
  useEffect(() => {
    // Another tab may have begun; then this one shows how far it has come. A code of a worker that is gone is gone with it.
    if (host.linking.peek() === undefined && how.peek() === "show") void show()
  }, [owner])
  const leaveFor = (next: Way): void => {
    void host.cancelLink().catch(() => undefined)
    way.value = next
  }
  const back = (): void => leaveFor("start")
  const again = (): void => {
    void host
      .cancelLink()
      .catch(() => undefined)
      .then(show)
  }
  const toTyping = (): void => {
    how.value = "type"
    void host.cancelLink().catch(() => undefined)
  }
  const failed =
    failure.value ?? (view?.step === "failed" ? (view.failure ?? { code: "unexpected", message: partText.unexpected }) : undefined)
  const isCode = failed === undefined && how.value === "show" && (view === undefined || view.step === "showing")
  return (
    <FullPage
      onBack={back}
      foot={
        (view === undefined || view.step === "showing" || view.step === "failed") && (
          <>
            {isCode ? (
              <Button look="link" icon="keyboard" onClick={toTyping}>
                {t.link.newDevice.typeInstead}
              </Button>
            ) : (
              <Button look="link" icon="qr-code" onClick={again}>
                {t.link.newDevice.showInstead}
              </Button>
            )}
            <Button look="link" icon="key-round" onClick={() => leaveFor("recover")}>
              {t.link.newDevice.words}
            </Button>
            <Button look="link" icon="circle-help" onClick={() => leaveFor("was-here")}>
              {t.welcome.wasHere.link}
            </Button>
          </>
        )
      }
    >
      {failed !== undefined ? (
        <LinkFailed failure={failed} showsCode onAgain={again} onLeave={back} />
      ) : isCode ? (
        <LinkCode link={view} onAgain={again}>
          <Steps />
        </LinkCode>
      ) : view === undefined || view.step === "showing" ? (
        <div class={css.typing}>
          <h1 class={css.title}>{t.link.newDevice.typeTitle}</h1>
          <p class={css.words}>{t.link.newDevice.typeWords}</p>
          <CodeForm {...(opened.value !== undefined && { initial: opened.value })} onCode={(code) => begin({ code })} />
        </div>
      ) : view.step === "choosing" && view.number !== undefined ? (
        <OwnNumber number={view.number}>
          <Button look="quiet" onClick={back}>
            {partText.cancel}
          </Button>
        </OwnNumber>
      ) : view.step === "adding" || view.step === "transferring" || view.step === "done" ? (
        <LinkProgress link={view} />
      ) : (
        <Connecting cancel={partText.cancel} onCancel={back} />
      )}
    </FullPage>
  )
}

function Steps(): JSX.Element {
  const { host } = useApp()
  const words = t.link.newDevice
  const steps = words.steps(<b>{words.settings}</b>, <b>{words.devices}</b>, <b>{words.linkIt}</b>)
  return (
    <div class={css.intro}>
      <h1 class={css.title}>{words.title}</h1>
      {host.storage.value.offTheRecord && <Caution role="note">{t.welcome.privateWindowLinked}</Caution>}
      <ol class={css.steps}>
        {steps.map((step, at) => (
          <li key={at} class={css.step}>
            <span class={css.stepNumber} aria-hidden="true">
              {at + 1}
            </span>
            <span>{step}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}
