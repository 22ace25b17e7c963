// Makes src/icon/sprite.svg, which is part of the repository: one <symbol> per icon of names.ts, drawn from lucide. Run
// `node packages/web/icon-source/icon-sprite.ts` after a change of names.ts. It installs lucide, 68 MB that nothing else needs, into a temporary
// folder and removes it again. The sprite's hash is written beside it, for a test to compare.

import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { iconNames } from "../src/icon/names.ts"

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), "nodoor-icons-"))
try {
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(here, name), join(folder, name))
  execFileSync("npm", ["ci", "--prefix", folder, "--ignore-scripts"], { stdio: ["ignore", "ignore", "inherit"] })
  const sprite = spriteOf((name) => readFileSync(join(folder, `node_modules/lucide-static/icons/${name}.svg`), "utf8"))
  writeFileSync(resolve(here, "../src/icon/sprite.svg"), sprite)
  writeFileSync(join(here, "sprite.sha256"), `${createHash("sha256").update(sprite).digest("hex")}  sprite.svg\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The sprite's text. Symbols hold shapes only; stroke and size come from the place of use. */
function spriteOf(drawing: (name: string) => string): string {
  const symbols = iconNames.map((name) => {
    const text = drawing(name)
    const shapes = text.slice(text.indexOf(">", text.indexOf("<svg")) + 1, text.lastIndexOf("</svg>"))
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replaceAll(/\s*\n\s*/g, "")}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Icons by Lucide (lucide.dev), ISC licence -->\n${symbols.join("\n")}\n</svg>\n`
}
