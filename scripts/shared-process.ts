// Which test files share a process. Starting one and loading the same modules takes longer than most unit tests do.

/**
 * Places whose files share, and how many of them at a time: few enough that the processes end at about the same time, and that a file that
 * hangs takes few others with it.
 */
const places: readonly { readonly pattern: RegExp; readonly together: number }[] = [
  { pattern: /^packages\/[^/]+\/(?:src|test\/negative)\//, together: 8 },
  { pattern: /^sim\//, together: 5 },
  { pattern: /^(?:bench|drill|scripts)\//, together: 4 },
]
/** A file that has to do with its process, or with what every other file sees, keeps one to itself. Reading a variable is neither. */
const needsItsOwn =
  /(?<![-\w])process\.(?!env\b)[a-z]|\bprocess\.env\S* (?:\?\?)?=(?!=)|node:process|child_process|worker_threads|\.mock\b|\bglobalThis\b|\b(?:before|after)Each\(/

/** `paths` in the order in which they are to run; `read` gives a file's text. Those of `long` keep to themselves. */
export function sharedProcesses(
  paths: readonly string[],
  { read, long }: { readonly read: (path: string) => string; readonly long: readonly string[] },
): readonly (readonly string[])[] {
  const alone: string[][] = []
  const sharing = new Map<string, { readonly together: number; readonly paths: string[] }>()
  for (const path of paths) {
    const place = places.find(({ pattern }) => pattern.test(path))
    const [folder = ""] = place?.pattern.exec(path) ?? []
    if (place === undefined || long.includes(path) || needsItsOwn.test(read(path))) alone.push([path])
    else sharing.set(folder, { together: place.together, paths: [...(sharing.get(folder)?.paths ?? []), path] })
  }
  const shared = [...sharing.values()].flatMap((place) => evenly(place.paths, place.together))
  // Worlds take longest, so that they come first.
  return [...shared, ...alone].toSorted(([a = ""], [b = ""]) => Number(a.startsWith("packages/")) - Number(b.startsWith("packages/")))
}

/** Neighbours are alike and take alike long, so that each process gets some of all folders. */
function evenly(paths: readonly string[], together: number): string[][] {
  const count = Math.ceil(paths.length / together)
  const processes: string[][] = Array.from({ length: count }, () => [])
  paths.toSorted().forEach((path, i) => processes[i % count]?.push(path))
  return processes
}
