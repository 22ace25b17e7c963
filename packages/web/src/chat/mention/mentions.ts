// Who is meant by an @ in what somebody types.

import type { MemberView } from "@nodoor/client"
import { foldedText } from "@nodoor/wire/folded-text"
import type { Mention } from "../../text/markdown.ts"

/** How many are offered. */
const offeredMax = 8

/** What stands between the last @ and the place of the cursor, if a name may be meant there. */
export function queryAt(text: string, cursor: number): { readonly at: number; readonly query: string } | undefined {
  const match = /(?:^|[\s([{"'])@([^\n@]{0,40})$/u.exec(text.slice(0, cursor))
  const query = match?.[1]
  if (query === undefined || /\s{2}|^\s/.test(query)) return undefined
  return { at: cursor - query.length - 1, query }
}

/** Names or handles that begin so, then those with a word that does. */
export function offered(members: readonly MemberView[], query: string): readonly MemberView[] {
  const wanted = foldedText(query)
  const rank = ({ name, handle }: MemberView): number => {
    const folded = foldedText(name)
    if (folded.startsWith(wanted) || foldedText(handle ?? "").startsWith(wanted)) return 0
    return folded.includes(` ${wanted}`) ? 1 : 2
  }
  return members
    .filter((member) => !member.own && rank(member) < 2)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, offeredMax)
}

/** `@Name` means the one member of that name. If several have it, it means the one who was picked, or nobody. */
export function mentionable(members: readonly MemberView[], picked: ReadonlyMap<string, string>): readonly Mention[] {
  const byName = Map.groupBy(
    members.filter((member) => !member.own),
    (member) => member.name,
  )
  return [...byName].flatMap(([name, alike]): Mention[] => {
    const [only, another] = alike
    const meant = another === undefined ? only : alike.find((member) => member.accountId === picked.get(name))
    return meant === undefined ? [] : [{ text: `@${name}`, origin: meant.origin, account: meant.accountId }]
  })
}
