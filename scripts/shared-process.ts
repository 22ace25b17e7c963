// Which test files share a process. Starting one and loading the same modules takes longer than most unit tests do.

import { dirname } from "node:path"

/** Files by package, up to this many together: few enough that the processes end at about the same time. */
const together = 8
/** A file that has to do with its process, or with what every other file sees, keeps one to itself. */
const needsItsOwn = /\bprocess\b|child_process|worker_threads|\bmock\b|\bglobalThis\b|\b(?:before|after)Each\(/

/** `paths` in the order in which they are to run; `read` gives a file's text. Only unit tests of packages share. */
export function sharedProcesses(paths: readonly string[], read: (path: string) => string): readonly (readonly string[])[] {
  const alone: string[][] = []
  const sharing = new Map<string, string[]>()
  for (const path of paths) {
    const place = /^packages\/[^/]+\/src\//.exec(path)?.[0]
    if (place === undefined || needsItsOwn.test(read(path))) alone.push([path])
    else sharing.set(place, [...(sharing.get(place) ?? []), path])
  }
  return [...alone, ...[...sharing.values()].flatMap((all) => evenly(all))]
}

/** Neighbours are alike and take alike long, so that each gets some of all folders. */
function evenly(paths: readonly string[]): string[][] {
  const count = Math.ceil(paths.length / together)
  const processes: string[][] = Array.from({ length: count }, () => [])
  paths.toSorted((a, b) => (dirname(a) < dirname(b) ? -1 : 1)).forEach((path, i) => processes[i % count]?.push(path))
  return processes
}
