// The old device asks which number the new one shows. Choosing one of three makes people look at both screens; a plain "Yes" is tapped blindly.

import type { LinkView } from "@nodoor/client"
import type { JSX } from "preact"
import { useEffect, useRef } from "preact/hooks"
import { useApp } from "../app/context.ts"
import { Button } from "../part/button.tsx"
import { Icon } from "../icon/icon.tsx"
import { Row, RowCard } from "../part/rows.tsx"
import { Tile } from "../part/tile.tsx"
import { className, classIcon, twoDigits } from "./link-text.ts"
import { t } from "../text/catalogue.ts"
import css from "./number-choice.module.css"

export function NumberChoice(props: {
  readonly link: LinkView
  readonly busy: boolean
  readonly onChoose: (number: number) => void
  readonly onDeny: () => void
}): JSX.Element {
  const { calendar } = useApp()
  const { peer, numbers } = props.link
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const icon = classIcon(peer?.deviceClass ?? "web")
  return (
    <div class={css.choice}>
      <div class={css.devices} aria-hidden="true">
        <Tile icon={icon} size={72} />
        <span class={css.dots}>
          <i />
          <i />
          <i />
        </span>
        <Tile icon="monitor" tint="iris" size={72} />
      </div>
      <h3 class={css.title} ref={heading} tabIndex={-1}>
        {t.link.confirm.title}
      </h3>
      <div class={css.numbers}>
        {numbers?.map((number) => (
          <button
            key={number}
            type="button"
            class={css.number}
            disabled={props.busy}
            aria-label={t.link.confirm.choose(twoDigits(number))}
            onClick={() => props.onChoose(number)}
          >
            {twoDigits(number)}
          </button>
        ))}
      </div>
      {peer !== undefined && (
        <RowCard>
          <Row
            lead={<Icon name={icon} class={css.icon} />}
            title={<bdi>{peer.name}</bdi>}
            sub={`${className(peer.deviceClass)} · ${t.link.confirm.asks}`}
          />
          <Row lead={<Icon name="clock" class={css.icon} />} title={t.link.confirm.now} sub={calendar.clock(peer.atMs)} />
        </RowCard>
      )}
      <Button look="quiet" onClick={props.onDeny} disabled={props.busy}>
        {t.link.confirm.none}
      </Button>
    </div>
  )
}
