import type { JSX } from "preact"
import { useMemo } from "preact/hooks"
import { type Block, type Inline, parseMarkdown } from "../text/markdown.ts"
import css from "./markdown-view.module.css"

/** A message's words as elements. Each block finds its own direction. */
export function MarkdownView(props: { readonly source: string }): JSX.Element {
  const blocks = useMemo(() => parseMarkdown(props.source), [props.source])
  return <div class={`${css.text} ${isOnlyEmoji(props.source) ? css.large : ""}`}>{blocks.map(drawBlock)}</div>
}

function drawBlock(block: Block, key: number): JSX.Element {
  switch (block.type) {
    case "paragraph":
      return (
        <p key={key} dir="auto">
          {block.children.map(drawInline)}
        </p>
      )
    case "quote":
      return (
        <blockquote key={key} dir="auto">
          {block.children.map(drawInline)}
        </blockquote>
      )
    case "code":
      return (
        <pre key={key} dir="ltr" tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      )
    case "list": {
      const items = block.items.map((item, index) => (
        <li key={index} dir="auto">
          {item.map(drawInline)}
        </li>
      ))
      return block.start === undefined ? (
        <ul key={key} role="list">
          {items}
        </ul>
      ) : (
        <ol key={key} role="list" start={block.start}>
          {items}
        </ol>
      )
    }
  }
}

function drawInline(node: Inline, key: number): JSX.Element | string {
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
      return <strong key={key}>{node.children.map(drawInline)}</strong>
    case "emphasis":
      return <em key={key}>{node.children.map(drawInline)}</em>
    case "strike":
      return <s key={key}>{node.children.map(drawInline)}</s>
    case "link":
      return (
        <a key={key} dir="auto" href={node.href} target="_blank" rel="noopener noreferrer" title={node.href} tabIndex={-1}>
          {node.text}
        </a>
      )
  }
}

/** Up to three emoji and nothing else are drawn large. */
function isOnlyEmoji(source: string): boolean {
  return source.length < 40 && /^(?:\p{RGI_Emoji}\s*){1,3}$/v.test(source)
}
