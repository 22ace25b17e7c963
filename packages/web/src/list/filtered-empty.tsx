// No chat is of the kind that was chosen, or in the folder.

import type { JSX } from "preact"
import type { ListFilter } from "../model/chat-order.ts"
import { Button } from "../part/button.tsx"
import { EmptyState } from "../part/states.tsx"
import { t } from "../text/catalogue.ts"

export function FilteredEmpty(props: {
  readonly filter: ListFilter
  readonly onAll: () => void
  /** The dialog outlives this: it goes with the first chat in the folder. */
  readonly onFill: (folder: string) => void
}): JSX.Element {
  const { filter } = props
  if (filter.by === "folder") {
    return (
      <EmptyState
        icon="folder"
        title={t.list.filters.none.folder}
        action={
          <Button look="primary" icon="plus" onClick={() => props.onFill(filter.folder)}>
            {t.list.filters.none.addChats}
          </Button>
        }
      >
        {t.list.filters.none.folderWords}
      </EmptyState>
    )
  }
  const { unread, unreadWords, people, groups, showAll } = t.list.filters.none
  const action = <Button onClick={props.onAll}>{showAll}</Button>
  if (filter.by === "unread") {
    return (
      <EmptyState icon="check-check" title={unread} action={action}>
        {unreadWords}
      </EmptyState>
    )
  }
  return <EmptyState icon="message-circle" title={filter.by === "people" ? people : groups} action={action} />
}
