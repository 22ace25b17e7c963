import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useMemo } from "preact/hooks"
import { type Block, type Inline, parseMarkdown, shownText } from "../text/markdown.ts"
import { Confirm } from "./dialog.tsx"
import { partText } from "../text/part-text.ts"
import css from "./markdown-view.module.css"

/** At most this many empty lines in a row are drawn. */
const maxGap = 8

type Link = Extract<Inline, { readonly type: "link" }>

/** Who somebody is that a message mentions; undefined for nobody that this device knows here. */
export type FindPerson = (accountId: string) => { readonly name: string; readonly own: boolean } | undefined

interface Drawing {
  readonly ask: (link: Link) => void
  readonly person: FindPerson
  readonly show: ((accountId: string) => void) | undefined
}

/** A message's text as elements. Each block finds its own direction. A link whose text hides its address asks before it opens. */
export function MarkdownView(props: {
  readonly source: string
  readonly person?: FindPerson
  /** What a click on somebody who is mentioned does. */
  readonly onPerson?: (accountId: string) => void
}): JSX.Element {
  const blocks = useMemo(() => parseMarkdown(props.source), [props.source])
  const asked = useSignal<Link | undefined>(undefined)
  const drawing: Drawing = { ask: (one) => (asked.value = one), person: props.person ?? (() => undefined), show: props.onPerson }
  const link = asked.value
  return (
    <>
      <div class={`${css.text} ${isOnlyEmoji(props.source) ? css.large : ""}`}>
        {blocks.map((block, key) => drawBlock(block, key, drawing))}
      </div>
      {link !== undefined && (
        <Confirm
          title={partText.link.title}
          confirm={partText.link.open}
          onClose={() => (asked.value = undefined)}
          onConfirm={() => {
            asked.value = undefined
            window.open(link.href, "_blank", "noopener,noreferrer")
          }}
        >
          <p>{partText.link.words}</p>
          <p class={css.place} dir="ltr">
            {link.href}
          </p>
        </Confirm>
      )}
    </>
  )
}

function drawBlock(block: Block, key: number, drawing: Drawing): JSX.Element {
  const gap = { "--gap": `${Math.min(block.gap, maxGap)}` }
  switch (block.type) {
    case "paragraph":
      return (
        <p key={key} dir="auto" style={gap}>
          {drawAll(block.children, drawing)}
        </p>
      )
    case "quote":
      return (
        <blockquote key={key} dir="auto" style={gap}>
          {drawAll(block.children, drawing)}
        </blockquote>
      )
    case "code":
      return (
        <pre key={key} dir="ltr" tabIndex={0} style={gap}>
          {block.info !== "" && <span class={css.info}>{block.info}</span>}
          <code>{block.text}</code>
        </pre>
      )
    case "list":
      return (
        <ul key={key} role="list" style={gap}>
          {block.items.map((item, index) => (
            <li key={index} dir="auto">
              <span class={css.lead}>{item.lead}</span>
              <span>{drawAll(item.children, drawing)}</span>
            </li>
          ))}
        </ul>
      )
  }
}

function drawAll(nodes: readonly Inline[], drawing: Drawing): readonly (JSX.Element | string)[] {
  return nodes.map((node, key) => drawInline(node, key, drawing))
}

function drawInline(node: Inline, key: number, drawing: Drawing): JSX.Element | string {
  switch (node.type) {
    case "text":
      return node.text
    case "break":
      return <br key={key} />
    case "code":
      return (
        <code key={key} dir="ltr">
          {node.text}
        </code>
      )
    case "strong":
      return <strong key={key}>{drawAll(node.children, drawing)}</strong>
    case "emphasis":
      return <em key={key}>{drawAll(node.children, drawing)}</em>
    case "strike":
      return <s key={key}>{drawAll(node.children, drawing)}</s>
    case "mention":
      return drawMention(node, key, drawing)
    case "link":
      return drawLink(node, key, drawing)
  }
}

function drawLink(node: Link, key: number, drawing: Drawing): JSX.Element {
  if (node.address !== undefined) {
    // Without an href, the browser cannot open the link without the question.
    return (
      <a key={key} role="link" class={css.link} tabIndex={-1} onClick={() => drawing.ask(node)}>
        <bdi>{node.text}</bdi> <bdi class={css.address}>({node.address})</bdi>
      </a>
    )
  }
  const elsewhere = /^https?:/.test(node.href) ? { target: "_blank", rel: "noopener noreferrer" } : {}
  return (
    <a key={key} dir="auto" href={node.href} title={node.href} tabIndex={-1} {...elsewhere}>
      {node.text}
    </a>
  )
}

/** By the name under which the reader knows the account, whatever the writer called it. Of somebody unknown, the writer's words are text. */
function drawMention(node: Extract<Inline, { readonly type: "mention" }>, key: number, { person, show }: Drawing): JSX.Element | string {
  const known = person(node.account)
  if (known === undefined) return <bdi key={key}>{node.text}</bdi>
  return (
    <button
      key={key}
      type="button"
      tabIndex={-1}
      class={`${css.mention} ${known.own ? css.mentionsMe : ""}`}
      disabled={show === undefined || known.own}
      onClick={() => show?.(node.account)}
    >
      @<bdi>{known.name}</bdi>
    </button>
  )
}

/** Up to three emoji and nothing else are drawn large. */
function isOnlyEmoji(source: string): boolean {
  return source.length < 40 && /^(?:\p{RGI_Emoji}\s*){1,3}$/v.test(shownText(source))
}
