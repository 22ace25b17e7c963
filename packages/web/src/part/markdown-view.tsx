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
type Ask = (link: Link) => void

/** A message's text as elements. Each block finds its own direction. A link whose text hides its address asks before it opens. */
export function MarkdownView(props: { readonly source: string }): JSX.Element {
  const blocks = useMemo(() => parseMarkdown(props.source), [props.source])
  const asked = useSignal<Link | undefined>(undefined)
  const ask: Ask = (link) => (asked.value = link)
  const link = asked.value
  return (
    <>
      <div class={`${css.text} ${isOnlyEmoji(props.source) ? css.large : ""}`}>
        {blocks.map((block, key) => drawBlock(block, key, ask))}
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

function drawBlock(block: Block, key: number, ask: Ask): JSX.Element {
  const gap = { "--gap": `${Math.min(block.gap, maxGap)}` }
  switch (block.type) {
    case "paragraph":
      return (
        <p key={key} dir="auto" style={gap}>
          {drawAll(block.children, ask)}
        </p>
      )
    case "quote":
      return (
        <blockquote key={key} dir="auto" style={gap}>
          {drawAll(block.children, ask)}
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
              <span>{drawAll(item.children, ask)}</span>
            </li>
          ))}
        </ul>
      )
  }
}

function drawAll(nodes: readonly Inline[], ask: Ask): readonly (JSX.Element | string)[] {
  return nodes.map((node, key) => drawInline(node, key, ask))
}

function drawInline(node: Inline, key: number, ask: Ask): JSX.Element | string {
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
      return <strong key={key}>{drawAll(node.children, ask)}</strong>
    case "emphasis":
      return <em key={key}>{drawAll(node.children, ask)}</em>
    case "strike":
      return <s key={key}>{drawAll(node.children, ask)}</s>
    case "link":
      return drawLink(node, key, ask)
  }
}

function drawLink(node: Link, key: number, ask: Ask): JSX.Element {
  if (node.address !== undefined) {
    // Without an href, the browser cannot open the link without the question.
    return (
      <a key={key} role="link" class={css.link} tabIndex={-1} onClick={() => ask(node)}>
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

/** Up to three emoji and nothing else are drawn large. */
function isOnlyEmoji(source: string): boolean {
  return source.length < 40 && /^(?:\p{RGI_Emoji}\s*){1,3}$/v.test(shownText(source))
}
