// One draft, several tabs: what is kept is what was typed last, in whichever tab, and sending in one clears it in all.

/**
 * What the field of a tab shows when the kept draft changes from `known` to `kept`. Words that were typed here and are not kept yet stay; words
 * that only were the draft follow it, so that one that another tab has sent does not come back from here.
 */
export function followedDraft(field: {
  readonly shown: string
  readonly known: string
  readonly kept: string
  /** Something typed here waits to be kept. */
  readonly isUnsaved: boolean
}): string {
  const { shown, known, kept, isUnsaved } = field
  return shown === known && !isUnsaved ? kept : shown
}
