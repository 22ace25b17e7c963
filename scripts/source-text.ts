// What a source file imports, and its code without comments and texts. Oxc's parser reads it: the one that Vite's bundler brings.

import { type ESTree, Visitor, parseSync } from "rolldown/utils"

export interface Import {
  readonly specifier: string
  /** Erased when the code runs: `import type`, `export type … from`, `import("…").Name` as a type. */
  readonly typeOnly: boolean
  /** What is imported or exported again, by the names of the other module; `*` for all of it. Empty for `import "…"` and `import("…")`. */
  readonly names: readonly string[]
}

/** What a source file imports, statically or dynamically, in the order of the text. */
export function importsOf(path: string, source: string): Import[] {
  const parsed = parse(path, source)
  const { staticImports, staticExports, dynamicImports } = parsed.module
  const found: (Import & { readonly start: number })[] = []
  for (const { start, moduleRequest, entries } of staticImports) {
    const typeOnly = /^import\s+type\b/.test(source.slice(start)) && entries.every(({ isType }) => isType)
    found.push({ start, specifier: moduleRequest.value, typeOnly, names: entries.map(({ importName }) => nameOf(importName)) })
  }
  for (const { start, entries } of staticExports) {
    const request = entries.find(({ moduleRequest }) => moduleRequest !== null)?.moduleRequest
    if (request == null) continue
    const typeOnly = /^export\s+type\b/.test(source.slice(start))
    found.push({ start, specifier: request.value, typeOnly, names: entries.map(({ importName }) => nameOf(importName)) })
  }
  for (const { start, moduleRequest } of dynamicImports) {
    const literal = /^(["'`])(.*)\1$/s.exec(source.slice(moduleRequest.start, moduleRequest.end))
    if (literal !== null) found.push({ start, specifier: literal[2] ?? "", typeOnly: false, names: [] })
  }
  if (/\bimport\s*\(/.test(source)) {
    new Visitor({
      TSImportType: ({ start, source: { value } }) => void found.push({ start, specifier: value, typeOnly: true, names: [] }),
    }).visit(parsed.program)
  }
  return found.toSorted((a, b) => a.start - b.start).map(({ specifier, typeOnly, names }) => ({ specifier, typeOnly, names }))
}

/**
 * The code of a file: comments, strings, regular expressions and the fixed parts of templates and of JSX are blanked. What stands in `${…}`
 * is code and stays. Lengths and line numbers are those of the file.
 */
export function codeOnly(path: string, source: string): string {
  const parsed = parse(path, source)
  const blanks = [...parsed.comments.map(({ start, end }) => [start, end] as const), ...textsOf(parsed.program)]
  let code = ""
  let at = 0
  for (const [start, end] of blanks.toSorted(([a], [b]) => a - b)) {
    code += source.slice(at, start) + source.slice(start, end).replaceAll(/[^\n]/g, " ")
    at = end
  }
  return code + source.slice(at)
}

/** The strings of a file and the fixed parts of its templates, as they are written. */
export function literalsOf(path: string, source: string): string[] {
  return textsOf(parse(path, source).program).map(([start, end]) => source.slice(start, end))
}

function textsOf(program: ESTree.Program): (readonly [start: number, end: number])[] {
  const found: (readonly [number, number])[] = []
  const add = ({ start, end }: ESTree.Span): void => void found.push([start, end])
  new Visitor({
    Literal(node) {
      if (typeof node.value === "string" || "regex" in node) add(node)
    },
    TemplateElement: add,
    JSXText: add,
  }).visit(program)
  return found
}

function nameOf({ kind, name }: { readonly kind: string; readonly name?: string | null }): string {
  return kind === "Name" ? (name ?? "") : kind === "Default" ? "default" : "*"
}

function parse(path: string, source: string): ReturnType<typeof parseSync> {
  const parsed = parseSync(path, source)
  const [error] = parsed.errors
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`)
  return parsed
}
