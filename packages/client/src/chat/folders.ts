// The folders of the list of chats, on all devices of the account. A folder is its name: a chat is in one of them, or in none.

import { foldedText } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { setChatOptions } from "../store/chat/chats.ts"
import { listChatsIn, listFolders } from "../store/chat/folders.ts"
import { type SyncNotes, chatName, syncKeys } from "../store/sync/sync-entry.ts"
import { folderTexts } from "../texts/en.ts"

export interface FolderParts {
  readonly transactions: Pick<Transactions, "run">
  readonly sync: SyncNotes
}

export interface FolderActions {
  /** @throws ClientError `invalid_input` for a name that is none or taken, and for one too many */
  makeFolder(name: string): Promise<void>
  /** Its chats stay in it. @throws ClientError `not_found`, and as `makeFolder` */
  renameFolder(folder: string, name: string): Promise<void>
  /** To this place, counted from 0; one past the end is the end. @throws ClientError `not_found` */
  moveFolder(folder: string, place: number): Promise<void>
  /** Its chats stay in the list. @throws ClientError `not_found` */
  deleteFolder(folder: string): Promise<void>
}

export function folderActions({ transactions, sync }: FolderParts): FolderActions {
  const change = (work: (tx: Transaction, all: readonly string[]) => Promise<readonly string[]>): Promise<void> =>
    transactions.run(async (tx) => store({ sync }, tx, await work(tx, await listFolders(tx))))

  async function moveChats(tx: Transaction, from: string, to: string): Promise<void> {
    for (const chat of await listChatsIn(tx, from)) {
      setChatOptions(tx, chat.chatId, { folder: to })
      await sync.synced(tx, syncKeys.chat(chatName(chat), "folder"), to)
    }
  }

  return {
    makeFolder: (name) => change(async (_tx, all) => [...all, fresh(name, all)]),
    renameFolder: (folder, name) =>
      change(async (tx, all) => {
        const others = without(folder, all)
        const to = fresh(name, others)
        await moveChats(tx, folder, to)
        return all.map((one) => (one === folder ? to : one))
      }),
    moveFolder: (folder, place) =>
      change(async (_tx, all) => {
        const others = without(folder, all)
        return [...others.slice(0, place), folder, ...others.slice(place)]
      }),
    deleteFolder: (folder) =>
      change(async (tx, all) => {
        const others = without(folder, all)
        await moveChats(tx, folder, "")
        return others
      }),
  }
}

/** A chat was put into it: it has a place among the others. @throws ClientError `invalid_input` for one too many */
export async function keepFolder(parts: Pick<FolderParts, "sync">, tx: Transaction, folder: string): Promise<void> {
  const all = await listFolders(tx)
  await store(parts, tx, all.includes(folder) ? all : [...all, folder])
}

async function store({ sync }: Pick<FolderParts, "sync">, tx: Transaction, folders: readonly string[]): Promise<void> {
  if (folders.length > textLimits.folders) throw new ClientError("invalid_input", folderTexts.tooMany(textLimits.folders))
  await sync.synced(tx, syncKeys.folders, [...folders])
  tx.foldersChanged()
}

/** A name that no folder has, written in whatever way. */
function fresh(name: string, others: readonly string[]): string {
  const checked = checkedName(name, textLimits.folderCharacters)
  if (others.some((other) => foldedText(other) === foldedText(checked))) throw new ClientError("invalid_input", folderTexts.taken)
  return checked
}

function without(folder: string, all: readonly string[]): readonly string[] {
  if (!all.includes(folder)) throw new ClientError("not_found", folderTexts.none)
  return all.filter((other) => other !== folder)
}
