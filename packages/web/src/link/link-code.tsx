// The code that one device shows the other: for its camera, and for people to type. It counts down, and gives way to a new one.

import type { LinkView } from "@nodoor/client"
import type { ComponentChildren, JSX } from "preact"
import { useNow } from "../app/use-now.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { QrCode } from "../part/qr-code.tsx"
import { countdown } from "./link-text.ts"
import { t } from "../text/catalogue.ts"
import css from "./link-code.module.css"

export function LinkCode(props: {
  readonly link: LinkView | undefined
  readonly onAgain: () => void
  readonly children?: ComponentChildren
}): JSX.Element {
  const { link } = props
  const now = useNow(link?.expiresAtMs !== undefined)
  const leftMs = link?.expiresAtMs === undefined ? undefined : link.expiresAtMs - now
  const over = leftMs !== undefined && leftMs <= 0
  return (
    <div class={css.both}>
      <div class={css.frame}>
        {link?.link === undefined ? (
          <div class={css.empty} role="status">
            <span class={css.spinner} />
            <span class="visually-hidden">{t.link.newDevice.starting}</span>
          </div>
        ) : (
          <div class={over ? css.over : ""}>
            <QrCode text={link.link} label={t.link.code.qr} size="large" />
          </div>
        )}
        {over && (
          <div class={css.again}>
            <p class={css.expired} role="status">
              {t.link.code.expired}
            </p>
            <Button look="primary" icon="refresh-cw" onClick={props.onAgain}>
              {t.link.code.another}
            </Button>
          </div>
        )}
      </div>
      <div class={css.side}>
        {props.children}
        {link?.code !== undefined && (
          <div class={css.typed}>
            <p class={css.label}>{t.link.code.type}</p>
            <Groups code={link.code} over={over} />
            <p class={css.left}>
              <Icon name="timer" size={16} />
              {leftMs === undefined || over ? (
                <span>{t.link.code.expired}</span>
              ) : (
                <span role="timer">{t.link.code.expiresIn(countdown(leftMs))}</span>
              )}
            </p>
          </div>
        )}
      </div>
    </div>
  )
}

/** In groups of five with dots between them, which are no part of what is copied. Always left to right: it is read as it is typed. */
function Groups(props: { readonly code: string; readonly over: boolean }): JSX.Element {
  const groups = props.code.split(/[\s-]+/)
  return (
    <p class={`${css.code} ${props.over ? css.faded : ""}`} dir="ltr" aria-label={`${t.link.code.label}: ${groups.join(" ")}`}>
      {groups.map((group, at) => (
        <span key={at} class={css.group}>
          {group}
          {at < groups.length - 1 && " "}
        </span>
      ))}
    </p>
  )
}
