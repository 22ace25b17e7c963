// A file that somebody shows as evidence that a member broke a chat: this device finds out by itself whether it proves that. The file's own
// words are never shown.

import type { EvidenceCheck } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { useModel } from "../app/context.ts"
import { HostError } from "../host/host.ts"
import { Button } from "../part/button.tsx"
import { Tile } from "../part/tile.tsx"
import { partText } from "../text/part-text.ts"
import { t } from "../text/catalogue.ts"
import section from "./section.module.css"
import css from "./warnings-section.module.css"

/** Of the files that can be checked, the longest holds a commit. */
const maxBytes = 32_000_000

interface Proven {
  readonly chat: string
  readonly person: string
  readonly deviceId: string
  readonly code: string
  readonly adder: string | undefined
}

type Verdict =
  | { readonly status: "proven"; readonly found: Proven }
  | { readonly status: "unproven" | "not_checked" }
  | { readonly status: "refused"; readonly why: string }

export function EvidenceCheckCard(): JSX.Element {
  const { device } = useModel()
  const picker = useRef<HTMLInputElement>(null)
  const busy = useSignal(false)
  const verdict = useSignal<Verdict | undefined>(undefined)
  const names = async (check: Extract<EvidenceCheck, { readonly status: "proven" }>): Promise<Proven> => {
    const [chat, members] = await Promise.all([device.chat(check.chatId), device.members(check.chatId)])
    const nameOf = async (accountId: string): Promise<string> =>
      members.find((member) => member.accountId === accountId)?.name ??
      (await device.contact(accountId).then(
        (contact) => contact.name,
        () => t.chat.someone,
      ))
    return {
      chat: chat.title,
      person: await nameOf(check.accountId),
      deviceId: check.deviceId,
      code: check.code,
      adder: check.adderAccountId === undefined ? undefined : await nameOf(check.adderAccountId),
    }
  }
  const check = async (file: File): Promise<void> => {
    busy.value = true
    verdict.value = undefined
    try {
      if (file.size > maxBytes) verdict.value = { status: "refused", why: t.trust.evidence.tooLarge }
      else {
        const found = await device.checkEvidence(await file.text())
        verdict.value = found.status === "proven" ? { status: "proven", found: await names(found) } : { status: found.status }
      }
    } catch (error) {
      verdict.value = { status: "refused", why: error instanceof HostError ? error.message : partText.unexpected }
    }
    busy.value = false
  }
  return (
    <section class={section.card}>
      <h3 class={section.title}>{t.trust.evidence.title}</h3>
      <p class={section.words}>{t.trust.evidence.words}</p>
      <div class={section.row}>
        <input
          ref={picker}
          type="file"
          class="visually-hidden"
          tabIndex={-1}
          aria-hidden="true"
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0]
            // The same file can be chosen again.
            event.currentTarget.value = ""
            if (chosen !== undefined) void check(chosen)
          }}
        />
        <Button icon="file-up" busy={busy.value} onClick={() => picker.current?.click()}>
          {t.trust.evidence.choose}
        </Button>
      </div>
      <div role="status">{verdict.value !== undefined && <Shown verdict={verdict.value} />}</div>
    </section>
  )
}

function Shown(props: { readonly verdict: Verdict }): JSX.Element {
  const { verdict } = props
  switch (verdict.status) {
    case "proven": {
      const { chat, person, deviceId, code, adder } = verdict.found
      return (
        <div class={css.verdict}>
          <Tile icon="shield-alert" tint="alarm" size={36} />
          <div class={css.words}>
            <p class={css.verdictTitle}>{t.trust.evidence.proven}</p>
            <p>{t.trust.evidence.provenWords(<bdi>{person}</bdi>, <bdi>{chat}</bdi>)}</p>
            {adder !== undefined && <p>{t.trust.evidence.orAdder(<bdi>{adder}</bdi>)}</p>}
            <p class={section.sub}>
              {t.trust.evidence.device(deviceId.slice(0, 12))} {t.trust.alarm.code(code)}
            </p>
          </div>
        </div>
      )
    }
    case "unproven":
      return <Plain icon="circle-help" title={t.trust.evidence.unproven} words={t.trust.evidence.unprovenWords} />
    case "not_checked":
      return <Plain icon="circle-help" title={t.trust.evidence.notChecked} words={t.trust.evidence.notCheckedWords} />
    case "refused":
      return <Plain icon="triangle-alert" title={t.trust.evidence.refused} words={verdict.why} />
  }
}

function Plain(props: { readonly icon: "circle-help" | "triangle-alert"; readonly title: string; readonly words: string }): JSX.Element {
  return (
    <div class={css.verdict}>
      <Tile icon={props.icon} tint={props.icon === "circle-help" ? "grey" : "caution"} size={36} />
      <div class={css.words}>
        <p class={css.verdictTitle}>{props.title}</p>
        <p>{props.words}</p>
      </div>
    </div>
  )
}
