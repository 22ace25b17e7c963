// Picks an emoji: the last used, all of them by group, or what somebody types; in the skin tone that they chose. A box at a button on a desk,
// the lower half of a phone. The Tab key stops at the field, the tones and the grid; the arrow keys move in the grid.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import { useModel } from "../app/context.ts"
import { isComposing } from "../part/composing.ts"
import type { MenuPlace } from "../part/menu.tsx"
import { t } from "../text/catalogue.ts"
import { type Emoji, type EmojiGroup, type Tone, findEmoji, inTone, loadEmoji, tones } from "./emoji-list.ts"
import { emojiSetting, readEmojiUse, withUsed } from "./emoji-use.ts"
import css from "./emoji-picker.module.css"

const edgePx = 8
/** Drawn in each tone, so that people see what they choose. */
const hand: Emoji = { text: "✋", name: "", words: "", toned: "✋*" }
const headOf: Readonly<Record<EmojiGroup["name"], string>> = {
  smileys: "😀",
  people: "👋",
  nature: "🐻",
  food: "🍔",
  places: "🚗",
  activities: "⚽",
  objects: "💡",
  symbols: "❤️",
  flags: "🏁",
}

export function EmojiPicker(props: {
  readonly place: MenuPlace
  /** Those that were picked already. */
  readonly picked?: readonly string[]
  /** It stays open, for the next one. */
  readonly stays?: boolean
  readonly onPick: (emoji: string) => void
  readonly onClose: () => void
}): JSX.Element {
  const { settings, device } = useModel()
  const box = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const groups = useSignal<readonly EmojiGroup[] | "failed" | undefined>(undefined)
  const typed = useSignal("")
  const choosesTone = useSignal(false)
  const use = readEmojiUse(settings.value[emojiSetting])
  /** As it was when the picker opened: it must not move under the finger. */
  const recent = useRef(use.recent)

  useEffect(() => {
    loadEmoji().then(
      (loaded) => (groups.value = loaded),
      () => (groups.value = "failed"),
    )
  }, [])
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const before = document.activeElement
    element.showPopover()
    const { width, height } = element.getBoundingClientRect()
    if (width < window.innerWidth) {
      const left = props.place.align === "start" ? props.place.x : props.place.x - width
      element.style.left = `${Math.max(edgePx, Math.min(left, window.innerWidth - width - edgePx))}px`
      element.style.top = `${Math.max(edgePx, Math.min(props.place.y, window.innerHeight - height - edgePx))}px`
    }
    // On a phone, the keyboard would cover what there is to pick.
    const isTouched = window.matchMedia("(pointer: coarse)").matches
    ;(isTouched ? element : element.querySelector<HTMLElement>("input"))?.focus()
    return () => {
      if (element.contains(document.activeElement) && before instanceof HTMLElement) before.focus()
    }
  }, [])
  useEffect(() => {
    const close = (event: Event): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === true) return
      // The button that opened it closes it.
      if (event.target instanceof Element && event.target.closest("[aria-expanded=true]") !== null) return
      props.onClose()
    }
    window.addEventListener("pointerdown", close, true)
    window.addEventListener("resize", close)
    return () => {
      window.removeEventListener("pointerdown", close, true)
      window.removeEventListener("resize", close)
    }
  }, [])

  const save = (next: typeof use | undefined): void => {
    // What is not kept now is kept with the next one that is used.
    if (next !== undefined) device.setSetting(emojiSetting, JSON.stringify(next)).catch(() => {})
  }
  const pick = (emoji: string): void => {
    save(withUsed(use, emoji))
    props.onPick(emoji)
    if (props.stays !== true) props.onClose()
  }
  const setTone = (tone: Tone): void => {
    save({ ...use, tone })
    choosesTone.value = false
  }
  const loaded = typeof groups.value === "object" ? groups.value : []
  const isSearch = typed.value.trim() !== ""
  const found = isSearch ? findEmoji(loaded, typed.value) : []
  const cells = (): HTMLElement[] => [...(body.current?.querySelectorAll<HTMLElement>("[data-emoji]") ?? [])]
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    const all = cells()
    const at = all.findIndex((cell) => cell === document.activeElement)
    event.stopPropagation()
    if (event.key === "Escape") props.onClose()
    else if (at < 0 && event.key === "ArrowDown") all[0]?.focus()
    else if (at < 0 && event.key === "Enter" && event.target instanceof HTMLInputElement) all[0]?.click()
    else if (at < 0 || !move(event.key, all, at)) return
    event.preventDefault()
  }
  const draw = (emoji: readonly Emoji[], first: boolean): JSX.Element => (
    <div class={css.grid}>
      {emoji.map((one, index) => {
        const text = inTone(one, use.tone)
        return (
          <Cell key={one.text} text={text} name={one.name} first={first && index === 0} on={isPicked(props.picked, text)} pick={pick} />
        )
      })}
    </div>
  )
  return (
    <div ref={box} popover="manual" role="dialog" aria-label={t.message.emoji.title} tabIndex={-1} class={css.picker} onKeyDown={onKeyDown}>
      <div class={css.bar}>
        <input
          type="search"
          class={css.search}
          placeholder={t.message.emoji.search}
          aria-label={t.message.emoji.search}
          autoComplete="off"
          value={typed.value}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
        <button
          type="button"
          class={css.tone}
          aria-label={t.message.emoji.tone(t.message.emoji.tones[use.tone] ?? "")}
          title={t.message.emoji.toneTitle}
          aria-expanded={choosesTone.value}
          onClick={() => (choosesTone.value = !choosesTone.peek())}
        >
          {inTone(hand, use.tone)}
        </button>
      </div>
      {choosesTone.value && (
        <div class={css.tones} role="group" aria-label={t.message.emoji.toneTitle}>
          {tones.map((tone) => (
            <button
              key={tone}
              type="button"
              class={css.cell}
              aria-pressed={tone === use.tone}
              aria-label={t.message.emoji.tones[tone]}
              onClick={() => setTone(tone)}
            >
              {inTone(hand, tone)}
            </button>
          ))}
        </div>
      )}
      {!isSearch && (
        <div class={css.tabs} role="group" aria-label={t.message.emoji.groupsLabel}>
          {loaded.map((group) => (
            <button
              key={group.name}
              type="button"
              class={css.tab}
              aria-label={t.message.emoji.groups[group.name]}
              title={t.message.emoji.groups[group.name]}
              onClick={() => body.current?.querySelector(`[data-group=${group.name}]`)?.scrollIntoView({ block: "start" })}
            >
              {headOf[group.name]}
            </button>
          ))}
        </div>
      )}
      <div class={css.body} ref={body}>
        {groups.value === undefined && <p class={css.note}>{t.message.emoji.loading}</p>}
        {groups.value === "failed" && <p class={css.note}>{t.message.emoji.failed}</p>}
        {isSearch ? (
          found.length === 0 && loaded.length > 0 ? (
            <p class={css.note} role="status">
              {t.message.emoji.none}
            </p>
          ) : (
            draw(found, true)
          )
        ) : (
          <>
            {recent.current.length > 0 && (
              <section>
                <h3 class={css.heading}>{t.message.emoji.recent}</h3>
                <div class={css.grid}>
                  {recent.current.map((text, index) => (
                    <Cell key={text} text={text} name={text} first={index === 0} on={isPicked(props.picked, text)} pick={pick} />
                  ))}
                </div>
              </section>
            )}
            {loaded.map((group, index) => (
              <section key={group.name} data-group={group.name} class={css.group}>
                <h3 class={css.heading}>{t.message.emoji.groups[group.name]}</h3>
                {draw(group.emoji, index === 0 && recent.current.length === 0)}
              </section>
            ))}
          </>
        )}
      </div>
    </div>
  )
}

function isPicked(picked: readonly string[] | undefined, text: string): boolean {
  return picked?.includes(text) === true
}

function Cell(props: {
  readonly text: string
  readonly name: string
  readonly first: boolean
  readonly on: boolean
  readonly pick: (emoji: string) => void
}): JSX.Element {
  const { text, name, on } = props
  return (
    <button
      type="button"
      data-emoji
      class={css.cell}
      tabIndex={props.first ? 0 : -1}
      aria-label={name}
      title={name}
      aria-pressed={on ? true : undefined}
      onClick={() => props.pick(text)}
    >
      {text}
    </button>
  )
}

/** Left and right go on to the next row; up and down stay in the column, as far as the rows have one. */
function move(key: string, cells: readonly HTMLElement[], at: number): boolean {
  const here = cells[at]
  if (here === undefined) return false
  const sideways = { ArrowRight: 1, ArrowLeft: -1 }[key]
  if (sideways !== undefined) {
    const isRtl = getComputedStyle(here).direction === "rtl"
    cells[at + (isRtl ? -sideways : sideways)]?.focus()
    return true
  }
  if (key === "Home" || key === "End") {
    cells.at(key === "Home" ? 0 : -1)?.focus()
    return true
  }
  if (key !== "ArrowDown" && key !== "ArrowUp") return false
  const box = here.getBoundingClientRect()
  const rest = key === "ArrowDown" ? cells.slice(at + 1) : cells.slice(0, at).toReversed()
  const row = rest.find((cell) => Math.abs(cell.getBoundingClientRect().top - box.top) > box.height / 2)
  if (row === undefined) return true
  const top = row.getBoundingClientRect().top
  const inRow = rest.filter((cell) => Math.abs(cell.getBoundingClientRect().top - top) < box.height / 2)
  const distance = (cell: HTMLElement): number => Math.abs(cell.getBoundingClientRect().left - box.left)
  inRow.reduce((best, cell) => (distance(cell) < distance(best) ? cell : best), row).focus()
  return true
}
