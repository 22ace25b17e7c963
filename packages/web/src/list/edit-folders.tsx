// Making, renaming, ordering and deleting folders. Everything holds at once; there is no button to save all of it.

import { isolated } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useRef } from "preact/hooks"
import { useModel } from "../app/context.ts"
import { HostError } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { Button, IconButton } from "../part/button.tsx"
import { Confirm, Dialog } from "../part/dialog.tsx"
import { Field } from "../part/field.tsx"
import { partText } from "../text/part-text.ts"
import { t } from "../text/catalogue.ts"
import css from "./folders.module.css"

export function EditFolders(props: { readonly onClose: () => void }): JSX.Element {
  const { folders, chats, device, attempt } = useModel()
  const list = useRef<HTMLUListElement>(null)
  const renaming = useSignal<string | undefined>(undefined)
  const deleting = useSignal<string | undefined>(undefined)
  const names = folders.value
  const chatsIn = (folder: string): number => [...(chats.value?.values() ?? [])].filter((chat) => chat.folder === folder).length
  const move = async (folder: string, at: number, by: -1 | 1): Promise<void> => {
    await attempt(t.list.folders.notSaved, () => device.moveFolder(folder, at + by))
    // The button keeps the focus as its row moves; at the end, the other one takes it.
    requestAnimationFrame(() => {
      const row = [...(list.current?.children ?? [])].find((one) => one instanceof HTMLElement && one.dataset["folder"] === folder)
      const buttons = [...(row?.querySelectorAll<HTMLButtonElement>("[data-move]") ?? [])]
      const wanted = buttons[by < 0 ? 0 : 1]
      ;(wanted?.disabled === true ? buttons[by < 0 ? 1 : 0] : wanted)?.focus()
    })
  }
  if (deleting.value !== undefined) {
    const folder = deleting.value
    return (
      <Confirm
        title={t.list.folders.deleteAsk(isolated(folder))}
        confirm={t.list.folders.deleteIt}
        final
        onClose={() => (deleting.value = undefined)}
        onConfirm={() => {
          deleting.value = undefined
          void attempt(t.list.folders.notSaved, () => device.deleteFolder(folder))
        }}
      >
        <p>{t.list.folders.deleteWords}</p>
      </Confirm>
    )
  }
  return (
    <Dialog title={t.list.folders.title} onClose={props.onClose} key="edit">
      <p class={css.words}>{t.list.folders.words}</p>
      {names.length > 0 && (
        <ul class={css.list} ref={list}>
          {names.map((folder, at) => (
            <li key={folder} class={css.row} data-folder={folder}>
              {renaming.value === folder ? (
                <Rename folder={folder} onClose={() => (renaming.value = undefined)} />
              ) : (
                <>
                  <Icon name="folder" size={18} class={css.icon} />
                  <span class={css.name}>
                    <bdi>{folder}</bdi>
                    <span class={css.sub}>{t.list.folders.chats(chatsIn(folder))}</span>
                  </span>
                  <Mover label={t.list.folders.up(isolated(folder))} icon="arrow-up" disabled={at === 0} run={() => move(folder, at, -1)} />
                  <Mover
                    label={t.list.folders.down(isolated(folder))}
                    icon="arrow-down"
                    disabled={at === names.length - 1}
                    run={() => move(folder, at, 1)}
                  />
                  <IconButton
                    icon="pencil"
                    size={17}
                    label={t.list.folders.rename(isolated(folder))}
                    onClick={() => (renaming.value = folder)}
                  />
                  <IconButton
                    icon="trash-2"
                    size={17}
                    label={t.list.folders.delete(isolated(folder))}
                    onClick={() => (deleting.value = folder)}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <NewFolder label={t.list.folders.name} />
      <div class={css.actions}>
        <Button look="primary" onClick={props.onClose}>
          {t.list.folders.done}
        </Button>
      </div>
    </Dialog>
  )
}

function Mover(props: {
  readonly label: string
  readonly icon: "arrow-up" | "arrow-down"
  readonly disabled: boolean
  readonly run: () => Promise<void>
}): JSX.Element {
  return (
    <button
      type="button"
      data-move
      class={css.mover}
      aria-label={props.label}
      title={props.label}
      disabled={props.disabled}
      onClick={() => void props.run()}
    >
      <Icon name={props.icon} size={17} />
    </button>
  )
}

/** `onMade`: with the name, after it was made. */
export function NewFolder(props: { readonly label: string; readonly onMade?: (name: string) => void }): JSX.Element {
  const { device } = useModel()
  return (
    <NameForm
      label={props.label}
      submit={t.list.folders.make}
      save={async (name) => {
        await device.makeFolder(name)
        props.onMade?.(name)
      }}
    />
  )
}

function Rename(props: { readonly folder: string; readonly onClose: () => void }): JSX.Element {
  const { device } = useModel()
  return (
    <NameForm
      label={t.list.folders.newName}
      submit={t.list.folders.save}
      initial={props.folder}
      onCancel={props.onClose}
      save={async (name) => {
        if (name !== props.folder) await device.renameFolder(props.folder, name)
        props.onClose()
      }}
    />
  )
}

/** A name of a folder. What is wrong with it stands below the field. */
function NameForm(props: {
  readonly label: string
  readonly submit: string
  readonly initial?: string
  readonly save: (name: string) => Promise<void>
  readonly onCancel?: () => void
}): JSX.Element {
  const name = useSignal(props.initial ?? "")
  const error = useSignal<string | undefined>(undefined)
  const save = async (): Promise<void> => {
    const wanted = name.peek().trim()
    if (wanted === "") return
    try {
      await props.save(wanted)
      name.value = ""
      error.value = undefined
    } catch (failure) {
      error.value = failure instanceof HostError ? failure.message : partText.unexpected
    }
  }
  return (
    <form
      class={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || props.onCancel === undefined) return
        event.preventDefault()
        event.stopPropagation()
        props.onCancel()
      }}
    >
      <div class={css.formField}>
        <Field
          label={props.label}
          value={name.value}
          maxLength={32}
          autoFocus={props.initial !== undefined}
          error={error.value}
          onInput={(value) => {
            name.value = value
            error.value = undefined
          }}
        />
      </div>
      <Button type="submit" disabled={name.value.trim() === ""}>
        {props.submit}
      </Button>
    </form>
  )
}
