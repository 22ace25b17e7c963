// Backups: encrypted archives that the account's recovery key opens, in a file, on the server or in a bucket of the person's own.

import {
  type ArchiveCalls,
  type ArchivePreview,
  type ArchiveSource,
  type BackupSettings,
  type BackupView,
  ClientError,
  type ClientErrorCode,
} from "@nodoor/client"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { open } from "node:fs/promises"
import { CliError } from "../cli-error.ts"
import { type CliContext, settledOrOffline, withProfile } from "../context.ts"
import { writeNewFile } from "../new-file.ts"
import { columns, counted, harmlessLine, jsonLine, minute } from "../terminal.ts"
import { json, text } from "./flags.ts"

const readBytes = 1_048_576
const secretBytes = 256
const shownIdCharacters = 8
const onlineMs = 15_000
const fileArgument = { brief: "The archive", parse: text, placeholder: "file" } as const

const create: Command<CliContext> = buildCommand<{ readonly out?: string; readonly json: boolean }, [], CliContext>({
  docs: {
    brief: "Write a backup now",
    fullDescription:
      "With --out to a new file, else to where backups go by themselves (nodoor backup set). Only the account's recovery key opens it: see nodoor recovery show.",
  },
  parameters: { flags: { out: { kind: "parsed", parse: text, brief: "A new file", optional: true, placeholder: "file" }, json } },
  func({ out, json: asJson }) {
    return withProfile(this, async ({ device }) => {
      await settledOrOffline(device, onlineMs)
      if (out !== undefined) {
        const { madeAtMs, bytes } = await device.archives.write()
        const size = await writeNewFile(out, bytes)
        await device.archives.made({ madeAtMs, bytes: size })
      } else {
        const ended = new Promise<BackupView>((resolve) => {
          device.subscribe((event) => {
            if (event.type === "backup" && event.backup.status !== "running") resolve(event.backup)
          })
        })
        await device.backupNow()
        const { status, failure } = await ended
        if (status === "failed" && failure) throw new ClientError(failure.code as ClientErrorCode, failure.message)
      }
      const view = await device.backup()
      await this.terminal.print(asJson ? jsonLine(view) : `The backup is written: ${megabytes(view.bytes ?? 0)}.`)
    })
  },
})

const verify: Command<CliContext> = buildCommand<{ readonly json: boolean }, [string], CliContext>({
  docs: {
    brief: "Check that a backup is whole and opens",
    fullDescription:
      "Reads all of it, and applies nothing. Exit code 4: it is damaged, incomplete, of another account, or of a newer version.",
  },
  parameters: { flags: { json }, positional: { kind: "tuple", parameters: [fileArgument] } },
  func({ json: asJson }, path) {
    return withProfile(this, async ({ device }) => {
      const { accountId, archiveId, ...found } = await withFile(path, (source) => device.archives.verify(source))
      const view = { ...found, accountId: hex(accountId), archiveId: hex(archiveId) }
      await this.terminal.print(
        asJson
          ? jsonLine(view)
          : `${inWords(found)}\n\nAll of it is there and genuine: ${found.records} records, ${megabytes(found.bytes)}.`,
      )
    })
  },
})

interface RestoreFlags {
  readonly evenOlder: boolean
  readonly chat?: readonly string[]
  readonly yes: boolean
  readonly json: boolean
}

const restore: Command<CliContext> = buildCommand<RestoreFlags, [string?], CliContext>({
  docs: {
    brief: "Bring messages back from a backup",
    fullDescription:
      "From a file, or the newest one where backups go. What it holds is shown first, and you are asked; --yes answers. Messages that are here stay, and nothing is taken in twice. " +
      "With --chat only the chats that you name come back, each by its title or the beginning of its id, which stands behind it; the others stay in the backup, and you can bring them back later. " +
      "A backup that is older than one that this device knows of is refused without --even-older.",
  },
  parameters: {
    flags: {
      evenOlder: { kind: "boolean", brief: "Take it although there is a newer one", default: false, withNegated: false },
      chat: { kind: "parsed", parse: text, brief: "Only this chat; can be repeated", variadic: true, optional: true, placeholder: "chat" },
      yes: { kind: "boolean", brief: "Don't ask", default: false, withNegated: false },
      json,
    },
    positional: { kind: "tuple", parameters: [{ ...fileArgument, optional: true }] },
  },
  func({ evenOlder, chat: named = [], yes, json: asJson }, path) {
    return withProfile(this, async ({ device }) => {
      await settledOrOffline(device, onlineMs)
      const { archives } = device
      const take = async (source: ArchiveSource): Promise<void> => {
        const preview = await archives.open(source)
        const chats = named.length === 0 ? undefined : named.map((name) => chatIn(preview, name))
        if (!asJson) this.terminal.talk(inWords(preview, chats))
        if (!yes) {
          if (!this.terminal.interactive) throw new CliError("usage", "Add --yes to take the backup in without a question.")
          if (!/^y(es)?$/i.test((await this.terminal.ask("Take it in? [y/N] ")).trim())) return
        }
        const hears = percentSaid((percent) => this.terminal.talk(`${percent} %`))
        const { status, messages } = await archives.restore(source, { evenOlder, hears, ...(chats && { chats }) })
        const words =
          status === "again" ? "This device has taken it in before. Nothing changed." : `${counted(messages, "message")} came back.`
        await this.terminal.print(asJson ? jsonLine({ status, messages }) : words)
      }
      if (path !== undefined) return await withFile(path, take)
      await take(await newest(archives))
    })
  },
})

/** The id of a chat that a person names. @throws CliError `not_found`, `usage` when several are meant */
function chatIn({ chats }: ArchivePreview, name: string): string {
  const wanted = name.toLowerCase()
  const byId = chats.filter(({ id }) => wanted.length >= 4 && id.startsWith(wanted))
  const found = byId.length > 0 ? byId : chats.filter(({ title }) => title.toLowerCase() === wanted)
  const [chat] = found
  if (!chat) throw new CliError("not_found", `The backup has no chat ${JSON.stringify(name)}.`)
  if (found.length > 1) {
    const ids = found.map(({ id }) => id.slice(0, shownIdCharacters)).join(", ")
    throw new CliError("usage", `The backup has ${found.length} chats ${JSON.stringify(name)}. Name one by its id: ${ids}.`)
  }
  return chat.id
}

/** Tells a long restore's progress in steps of ten percent. */
function percentSaid(say: (percent: number) => void): (progress: { readonly done: number; readonly total: number }) => void {
  const isLong = 2_000
  let said = 0
  return ({ done, total }) => {
    const percent = total < isLong ? 0 : Math.floor((10 * done) / total) * 10
    if (percent > said) say((said = percent))
  }
}

async function newest(archives: ArchiveCalls): Promise<ArchiveSource> {
  const [kept] = await archives.list()
  if (!kept) throw new CliError("not_found", "There is no backup.", { next: "nodoor backup create" })
  return await archives.source(kept.name)
}

const list: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: { brief: "Show how the backups stand, and which there are" },
  parameters: { flags: { json } },
  func({ json: asJson }) {
    return withProfile(this, async ({ device }) => {
      await settledOrOffline(device, onlineMs)
      const view = await device.backup()
      const kept = await device.archives.list()
      if (asJson) return await this.terminal.print(jsonLine({ ...view, kept }))
      const facts = [
        ["status", view.status],
        ["goes to", view.target],
        ...(view.lastMs === undefined ? [] : [["last", minute(view.lastMs)]]),
        ...(view.failure === undefined ? [] : [["failed", harmlessLine(view.failure.message)]]),
        ...kept.map(({ name, madeAtMs, bytes }) => [minute(madeAtMs), `${megabytes(bytes)}  ${name}`]),
      ]
      await this.terminal.print(columns(facts))
    })
  },
})

interface SetFlags {
  readonly endpoint?: string
  readonly region?: string
  readonly bucket?: string
  readonly accessKeyId?: string
}

const optionalText = (brief: string) => ({ kind: "parsed", parse: text, brief, optional: true, placeholder: "text" }) as const

const set: Command<CliContext> = buildCommand<SetFlags, ["server" | "s3" | "file" | "none"], CliContext>({
  docs: {
    brief: "Say where backups go by themselves, once a day",
    fullDescription:
      "server: to the account's server. s3: to a bucket of your own; its secret key is asked for or read from standard input, never an argument. file: only when you write one. none: nowhere. They are written while nodoor receive runs.",
  },
  parameters: {
    flags: {
      endpoint: optionalText("s3: address of the service"),
      region: optionalText("s3: region"),
      bucket: optionalText("s3: name of the bucket"),
      accessKeyId: optionalText("s3: id of the access key"),
    },
    positional: { kind: "tuple", parameters: [{ brief: "server, s3, file or none", parse: place, placeholder: "where" }] },
  },
  func(flags, target) {
    return withProfile(this, async ({ device }) => {
      await settledOrOffline(device, onlineMs)
      await device.setBackup(target === "s3" ? await bucketOf(this, flags) : { target })
      const { status } = await device.backup()
      await this.terminal.print(`Backups go to: ${target}. Status: ${status}.`)
    })
  },
})

function place(input: string): "server" | "s3" | "file" | "none" {
  if (input === "server" || input === "s3" || input === "file" || input === "none") return input
  throw new CliError("usage", `${JSON.stringify(input)} is no place for backups. Use server, s3, file or none.`)
}

async function bucketOf({ terminal }: CliContext, { endpoint, region, bucket, accessKeyId }: SetFlags): Promise<BackupSettings> {
  if (endpoint === undefined || region === undefined || bucket === undefined || accessKeyId === undefined)
    throw new CliError("usage", "s3 needs --endpoint, --region, --bucket and --access-key-id.")
  const secret = terminal.interactive ? await terminal.ask("Secret access key: ") : await terminal.readAll(secretBytes)
  return { target: "s3", endpoint, region, bucket, accessKeyId, secretAccessKey: secret.trim() }
}

/** @throws CliError `usage` */
async function withFile<T>(path: string, use: (source: ArchiveSource) => Promise<T>): Promise<T> {
  const file = await open(path, "r").catch((error: unknown) => {
    throw new CliError("usage", `The file ${path} cannot be read.`, { cause: error })
  })
  try {
    return await use({
      async *read(fromByte) {
        for (let at = fromByte; ;) {
          const { bytesRead, buffer } = await file.read(Buffer.alloc(readBytes), 0, readBytes, at)
          if (bytesRead === 0) return
          yield new Uint8Array(buffer.buffer, buffer.byteOffset, bytesRead)
          at += bytesRead
        }
      },
    })
  } finally {
    await file.close()
  }
}

/** `chosen`: ids of the chats that are to come back. */
function inWords({ accountHandle, madeAtMs, chats, messages, from, to }: ArchivePreview, chosen?: readonly string[]): string {
  const facts = [
    ["account", `@${harmlessLine(accountHandle)}`],
    ["made", minute(madeAtMs)],
    ["messages", String(messages)],
    ...(from === undefined || to === undefined ? [] : [["written", `${minute(from)} to ${minute(to)}`]]),
    ["chats", String(chats.length)],
    ...chats
      .slice(0, 20)
      .map(({ id, title, messages: count }) => ["", `${harmlessLine(title)} (${count})  ${id.slice(0, shownIdCharacters)}`]),
    ...(chats.length > 20 ? [["", `and ${chats.length - 20} more`]] : []),
    ...chats.flatMap(({ id, title }) => (chosen?.includes(id) === true ? [["comes back", harmlessLine(title)]] : [])),
  ]
  return columns(facts)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}

export const backup: RouteMap<CliContext> = buildRouteMap({
  routes: { create, verify, restore, list, set },
  docs: { brief: "Keep encrypted copies of everything, and bring them back" },
})
