// Makes src/icon/sprite.svg: one <symbol> per icon of names.ts, drawn from lucide. `node packages/web/scripts/icon-sprite.ts` writes it.

import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { iconNames } from "../src/icon/names.ts"

export const spritePath: string = fileURLToPath(new URL("../src/icon/sprite.svg", import.meta.url))

/** The sprite's text. Symbols hold shapes only; stroke and size come from the place of use. */
export function iconSprite(): string {
  const symbols = iconNames.map((name) => {
    const source = readFileSync(fileURLToPath(import.meta.resolve(`lucide-static/icons/${name}.svg`)), "utf8")
    const shapes = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"))
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replaceAll(/\s*\n\s*/g, "")}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Icons by Lucide (lucide.dev), ISC licence -->\n${symbols.join("\n")}\n</svg>\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(spritePath, iconSprite())
