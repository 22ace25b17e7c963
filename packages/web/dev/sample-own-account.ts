// Linking, backups and the recovery key of the sample account, each in the state that the scene names.

import type { BackupCalls, BackupView, ClientEvent, LinkCalls, LinkView, RecoveryCalls, RecoveryView, WordsCheck } from "@nodoor/client"
import { HostError } from "../src/host/host.ts"
import { day, minute } from "./sample-world.ts"

const hour = 60 * minute

export const sampleWords: readonly string[] = (
  "harbor velvet lemon anchor winter copper signal meadow orbit candle ribbon glacier " +
  "parrot timber ocean window saddle marble thunder cotton island pepper mirror autumn"
).split(" ")

export const sampleCode = "9F2K7 QX4MB 31TRA WZD8C 0HN5P"
export const sampleLink = `https://chat.example.org/#link/${sampleCode.replaceAll(" ", "-")}`
const peer = { name: "Firefox on Windows", deviceClass: "web", atMs: Date.now() }

/** Of each way in which linking ends, by the name of its scene. */
const sampleFailures: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  failed: {
    code: "link_failed",
    message:
      "What came from the other device was changed on the way, or is not from a device that is being linked. Nothing was handed over. Show a new code.",
  },
  "ran-out": { code: "link_expired", message: "A code works for two minutes. Show a new one, and use it right away." },
  used: {
    code: "link_used",
    message: "A code works once. Show a new one. If no device of yours used it, somebody else saw the code: they got nothing.",
  },
  quiet: { code: "link_no_answer", message: "It did not answer in time. Keep both devices open, show a new code, and try again." },
  denied: { code: "link_denied", message: "Somebody chose to stop there. Nothing was handed over." },
  cancelled: { code: "link_cancelled", message: "Nothing was handed over." },
  "wrong-number": {
    code: "link_wrong_number",
    message:
      "The number that was chosen is not the one that the new device showed. Nothing was handed over. If both numbers came from your own devices, try again with a new code.",
  },
  "no-network": {
    code: "link_offline",
    message: "There is no connection to the server. Nothing was handed over. Check the network of this device, then try again.",
  },
  "other-server": { code: "link_other_server", message: "This code was shown by a device that is on another server." },
}
const failureOf = (name: string): Pick<LinkView, "failure"> => {
  const failure = sampleFailures[name]
  return failure ? { failure } : {}
}

/** Where a linking stands when the page opens. `role` says on which side. */
export function sampleLinking(scene: string, role: LinkView["role"], now: number): LinkView | undefined {
  const [, step] = /^(?:old|new)-(.+)$/.exec(scene) ?? []
  if (!scene.startsWith(`${role}-`)) return undefined
  switch (step) {
    case "showing":
      return { role, step: "showing", code: sampleCode, link: sampleLink, expiresAtMs: now + 108_000 }
    case "expired":
      return { role, step: "showing", code: sampleCode, link: sampleLink, expiresAtMs: now - 1000 }
    case "connecting":
      return { role, step: "connecting" }
    case "number":
      return { role, step: "choosing", number: 47 }
    case "confirm":
      return { role, step: "confirming", peer, numbers: [82, 47, 5] }
    case "adding":
      return { role, step: "adding", peer, progress: { done: 7, total: 23 } }
    case "transfer":
      return { role, step: "transferring", peer, progress: { done: 5093, total: 8214 } }
    case "done":
      return { role, step: "done", peer }
    case undefined:
      return undefined
    default: {
      const failure = sampleFailures[step]
      return failure && { role, step: "failed", failure }
    }
  }
}

export function sampleCheck(words: readonly string[]): WordsCheck {
  const wrong = words.flatMap((word, at) =>
    sampleWords.includes(word) ? [] : [{ at, nearest: word.length > 6 ? [] : ["orbit", "orchard", "order"] }],
  )
  if (wrong.length > 0) return { status: "unknown_words", wrong }
  return words.join(" ") === sampleWords.join(" ") ? { status: "right" } : { status: "wrong_checksum" }
}

export const samplePreview = (now: number): Awaited<ReturnType<BackupCalls["previewBackup"]>> => ({
  accountHandle: "mira",
  madeAtMs: now - 9 * hour,
  messages: 8214,
  from: now - 700 * day,
  to: now - 9 * hour,
  chats: (
    [
      { title: "Boat crew", kind: "group", messages: 2140 },
      { title: "Jonas Weber", kind: "dm", messages: 1310 },
      { title: "Thursday Rope", kind: "group", messages: 1904 },
      { title: "Olena Koval", kind: "dm", messages: 604 },
      { title: "يوسف الحداد", kind: "dm", messages: 418 },
      { title: "Neighbours, Hafenstraße 12–18 and the allotments behind", kind: "group", messages: 122 },
      { title: "Amara Okafor", kind: "dm", messages: 96 },
      { title: "Priya Raman", kind: "dm", messages: 1 },
    ] as const
  ).map((chat, at) => ({ ...chat, id: String(at).padStart(4, "0"), from: now - 700 * day, to: now - at * 3 * day })),
})

const backups: Readonly<Record<string, (now: number) => BackupView>> = {
  "backup-never": () => ({ status: "never", target: "none" }),
  "backup-running": (now) => ({
    status: "running",
    target: "server",
    lastMs: now - day,
    progress: { done: 620, total: 1000 },
  }),
  "backup-stale": (now) => ({ status: "stale", target: "server", lastMs: now - 21 * day, bytes: 84_000_000 }),
  "backup-failed": (now) => ({
    status: "failed",
    target: "server",
    lastMs: now - 3 * day,
    failure: { code: "unreachable", message: "The server didn’t answer." },
  }),
  "backup-file": (now) => ({ status: "stale", target: "file", lastMs: now - 40 * day, bytes: 92_000 }),
}

export function createOwnAccount(scene: string, emit: (event: ClientEvent) => void): LinkCalls & BackupCalls & RecoveryCalls {
  const now = Date.now()
  let backup: BackupView = backups[scene]?.(now) ?? { status: "fresh", target: "server", lastMs: now - 9 * hour, bytes: 84_200_000 }
  let recovery: RecoveryView = {
    status: scene === "unconfirmed" || scene === "alone" || scene === "first-message" ? "unconfirmed" : "confirmed",
    remind: scene === "first-message" || scene === "unconfirmed",
    passkey: scene === "passkey",
  }
  const setBackup = (next: BackupView): void => {
    backup = next
    emit({ type: "backup", backup })
  }
  const setRecovery = (change: Partial<RecoveryView>): void => {
    recovery = { ...recovery, ...change }
    emit({ type: "recovery", recovery })
  }
  const tell = (link: LinkView, afterMs: number): void => void setTimeout(() => emit({ type: "link", link }), afterMs)
  const soon = (ms = 300): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

  const opening = sampleLinking(scene, "old", now) ?? (scene === "arriving" ? sampleLinking("new-transfer", "new", now) : undefined)
  if (opening !== undefined) tell(opening, 60)
  return {
    async startLink(how) {
      await soon()
      if ("code" in how) {
        if (how.code.length < 10) throw new HostError("invalid_input", "This is no linking code. Look at it again.")
        tell({ role: "old", step: "confirming", peer: { ...peer, atMs: Date.now() }, numbers: [82, 47, 5] }, 1500)
        return { role: "old", step: "connecting" }
      }
      return { role: "old", step: "showing", code: sampleCode, link: sampleLink, expiresAtMs: Date.now() + 120_000 }
    },
    async answerLink(answer) {
      await soon()
      if ("deny" in answer) return tell({ role: "old", step: "failed", ...failureOf("cancelled") }, 0)
      if (answer.number !== 47) return tell({ role: "old", step: "failed", ...failureOf("wrong-number") }, 0)
      for (let done = 0; done <= 5; done++) tell({ role: "old", step: "adding", peer, progress: { done, total: 5 } }, done * 200)
      for (let done = 0; done <= 10; done++)
        tell({ role: "old", step: "transferring", peer, progress: { done, total: 10 } }, 1200 + done * 200)
      tell({ role: "old", step: "done", peer }, 3600)
    },
    cancelLink: async () => {},
    renameDevice: () => soon(),
    backup: async () => backup,
    async setBackup(settings) {
      await soon()
      setBackup({ ...backup, target: settings.target })
    },
    async backupNow() {
      for (let done = 0; done <= 10; done++)
        setTimeout(() => setBackup({ ...backup, status: "running", progress: { done, total: 10 } }), done * 250)
      setTimeout(() => setBackup({ status: "fresh", target: backup.target, lastMs: Date.now(), bytes: 84_300_000 }), 2800)
    },
    async previewBackup() {
      if (scene === "restore-looking") await new Promise(() => {})
      await soon()
      if (scene === "restore-failed") throw new HostError("archive_wrong_key", "This backup belongs to another account.")
      return scene === "restore-none" ? undefined : samplePreview(now)
    },
    async restoreBackup() {
      for (let done = 0; done <= 10; done++) setTimeout(() => setBackup({ ...backup, restoring: { done, total: 10 } }), done * 200)
      await soon(scene === "restore-running" ? 3_600_000 : 2600)
      const { restoring: _, ...rest } = backup
      setBackup(rest)
    },
    recovery: async () => recovery,
    async recoveryWords() {
      await soon()
      return sampleWords
    },
    async confirmRecovery(words) {
      await soon()
      if (words.some(({ at, word }) => sampleWords[at] !== word)) throw new HostError("invalid_input", "Wrong word.")
      setRecovery({ status: "confirmed", remind: false })
    },
    async checkRecoveryWords(words) {
      await soon()
      return sampleCheck(words)
    },
    addRecoveryPasskey: () => soon(),
    confirmRecoveryPasskey: async () => setRecovery({ passkey: true }),
    removeRecoveryPasskey: async () => setRecovery({ passkey: false }),
  }
}
