// Who imports whom, through the packages of ours: an import of `@nodoor/wire` leads to the files where what it names is written.

import { existsSync } from "node:fs"
import { dirname, posix, resolve } from "node:path"
import { codeFiles, packages, read, root } from "./repository.ts"
import { type Import, importsOf } from "./source-text.ts"

export type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>

/** Paths from the root. Edges point from a file to what it imports, types included. */
export function importGraph(): ImportGraph {
  const imports = new Map(codeFiles().map((path) => [path, importsOf(path, read(path))]))
  const graph = new Map<string, Set<string>>()
  for (const [path, all] of imports) graph.set(path, new Set(all.flatMap((one) => targetsOf(path, one, imports))))
  return graph
}

/** A file that more than so many import connects nothing. */
const everybody = 40

/** Whether one imports the other, or one file stands between them: imported by both, importing both, or on the way. */
export function areNear(graph: ImportGraph, one: string, other: string): boolean {
  const importers = new Map<string, Set<string>>()
  for (const [path, targets] of graph) for (const to of targets) importers.set(to, (importers.get(to) ?? new Set()).add(path))
  const around = (path: string): Set<string> => new Set([...(graph.get(path) ?? []), ...(importers.get(path) ?? [])])
  const others = around(other)
  if (one === other || others.has(one)) return true
  const connects = (path: string): boolean =>
    (importers.get(path)?.size ?? 0) <= everybody &&
    !/(?:\/index|\.test)\.ts$/.test(path) &&
    !/^(?:sim|drill|bench|jointest|e2e)\/|\/fixtures\//.test(path)
  return [...around(one)].some((path) => others.has(path) && connects(path))
}

function targetsOf(path: string, { specifier, names }: Import, imports: ReadonlyMap<string, readonly Import[]>): string[] {
  if (specifier.startsWith(".")) return [posix.join(dirname(path), specifier)]
  const entry = entryOf(specifier)
  if (entry === undefined) return []
  // An entry only hands on what stands elsewhere.
  return [
    entry,
    ...(imports.get(entry) ?? []).flatMap((one) => (one.names.some((name) => names.includes(name)) ? targetsOf(entry, one, imports) : [])),
  ]
}

/** The file behind `@nodoor/wire` or `@nodoor/wire/operator`. */
function entryOf(specifier: string): string | undefined {
  const [, name = "", inside = ""] = /^@nodoor\/([a-z]+)(\/.*)?$/.exec(specifier) ?? []
  if (!packages.some((known) => known === name)) return undefined
  const { exports } = JSON.parse(read(`packages/${name}/package.json`)) as { exports: string | Record<string, string> }
  const file = typeof exports === "string" ? exports : exports[`.${inside}`]
  const path = file === undefined ? undefined : posix.join(`packages/${name}`, file)
  return path !== undefined && existsSync(resolve(root, path)) ? path : undefined
}
