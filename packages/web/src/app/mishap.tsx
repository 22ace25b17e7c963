// What people see when drawing the page fails: a sentence and a button, never a blank page.

import { Component, type ComponentChildren } from "preact"
import { MishapScreen } from "../welcome/blocked-frame.tsx"
import { partText } from "../text/part-text.ts"

/** Draws its children. If that fails, it shows what to do instead. */
export class Mishap extends Component<{ readonly children: ComponentChildren }, { readonly failed: boolean }> {
  static override getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true }
  }

  override render(): ComponentChildren {
    return this.state.failed === true ? <MishapScreen /> : this.props.children
  }
}

/** Runs `draw` on an empty `root`. If that fails before anything is on the page, writes so with nothing but the document. */
export function drawOrSay(root: HTMLElement, draw: () => void): void {
  root.replaceChildren()
  try {
    draw()
  } catch {
    const words = root.ownerDocument.createElement("p")
    words.className = "mishap"
    words.setAttribute("role", "alert")
    words.textContent = partText.mishap.notShown
    root.replaceChildren(words)
  }
}
