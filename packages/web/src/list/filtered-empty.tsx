// No chat is of the kind that was chosen, or in the folder.

import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import type { ListFilter } from "../model/chat-order.ts"
import { Button } from "../part/button.tsx"
import { EmptyState } from "../part/states.tsx"
import { FillFolder } from "./fill-folder.tsx"
import { t } from "../text/catalogue.ts"

export function FilteredEmpty(props: { readonly filter: ListFilter; readonly onAll: () => void }): JSX.Element {
  const { filter } = props
  const filling = useSignal(false)
  if (filter.by === "folder") {
    return (
      <>
        <EmptyState
          icon="folder"
          title={t.list.filters.none.folder}
          action={
            <Button look="primary" icon="plus" onClick={() => (filling.value = true)}>
              {t.list.filters.none.addChats}
            </Button>
          }
        >
          {t.list.filters.none.folderWords}
        </EmptyState>
        {filling.value && <FillFolder folder={filter.folder} onClose={() => (filling.value = false)} />}
      </>
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
