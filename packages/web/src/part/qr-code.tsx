import encodeQR from "qr"
import type { JSX } from "preact"
import { useMemo } from "preact/hooks"
import css from "./qr-code.module.css"

/** Always dark on white: many readers cannot see the inverse. Drawn as one path, so no markup is ever parsed. */
export function QrCode(props: { readonly text: string; readonly label: string; readonly size?: "normal" | "large" }): JSX.Element {
  const { path, size } = useMemo(() => {
    const modules = encodeQR(props.text, "raw", { ecc: "medium", border: 2 })
    const dark = modules.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : "")))
    return { path: dark.join(""), size: modules.length }
  }, [props.text])
  return (
    <svg
      class={`${css.code} ${props.size === "large" ? css.large : ""}`}
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
      role="img"
      aria-label={props.label}
    >
      <path d={path} />
    </svg>
  )
}
