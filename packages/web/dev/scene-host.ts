// A host whose state is chosen by the address: `?scene=welcome`, `private-welcome`, `private`, `written-again`, `lost`, `unsupported`, `failed`, `starting`, `empty-list`, `offline`, `catching-up`, `slow`, `alarm`, `notices`, `gone`, `deleted`, `earlier`, `photos`, `home`.
// Linking: `new` and `new-…` on the new device, `old-…` on the old one (`showing`, `expired`, `connecting`, `number` or `confirm`, `adding`,
// `transfer`, `done`, `failed`, `ran-out`, `denied`, `wrong-number`), `arriving`, `sibling`, `refused`. Recovery: `recover`, `unconfirmed`, `first-message`, `alone`, `passkey`.
// Backups: `backup-never`, `-running`, `-stale`, `-failed`, `-file`, `restore-none`, `-failed`, `-running`, `-looking`.

import type { LinkView } from "@nodoor/client"
import { signal } from "@preact/signals"
import type { Host, HostState, StorageView } from "../src/host/host.ts"
import { HostError } from "../src/host/host.ts"
import { createMemoryDevice } from "./memory-device.ts"
import { sampleCheck, sampleCode, sampleLink, sampleLinking, samplePreview } from "./sample-own-account.ts"
import { samplePhoto } from "./sample-photo.ts"
import { sampleAccount } from "./sample-world.ts"

const states: Readonly<Record<string, HostState>> = {
  welcome: { status: "empty" },
  "private-welcome": { status: "empty" },
  email: { status: "empty" },
  lost: { status: "lost" },
  starting: { status: "starting" },
  unsupported: { status: "unsupported", missing: ["A secure connection: open this page by https:// or on localhost"] },
  failed: {
    status: "failed",
    code: "store_newer",
    message: "The messages here were written by a newer version of Nodoor. Reload the page to get it.",
  },
}

const storages: Readonly<Record<string, StorageView>> = {
  private: { offTheRecord: true, state: "kept" },
  "private-welcome": { offTheRecord: true, state: "kept" },
  gone: { offTheRecord: false, state: "gone" },
  "written-again": { offTheRecord: false, state: "written_again" },
}

export function createSceneHost(options: URLSearchParams): Host {
  const scene = options.get("scene") ?? "home"
  const linking = signal<LinkView | undefined>(sampleLinking(scene, "new", Date.now()))
  const isEmpty = linking.value !== undefined || scene === "new" || scene === "recover"
  const state = signal<HostState>(states[scene] ?? (isEmpty ? { status: "empty" } : { status: "ready", account: sampleAccount }))
  const device = createMemoryDevice(scene)
  return {
    state,
    owner: signal("scene"),
    storage: signal(storages[scene] ?? { offTheRecord: false, state: "kept" }),
    device,
    serverInfo: async () => ({
      ...sampleAccount.server,
      registration: scene === "email" ? "invite" : "open",
      email: scene === "email" ? "required" : "none",
    }),
    async checkInvite(invite) {
      if (invite === "revoked") throw new HostError("invite_invalid", "This invite does not work.")
    },
    requestEmailCode: async () => {},
    async register(registration) {
      await new Promise((resolve) => setTimeout(resolve, 600))
      if (registration.handle === "taken") throw new HostError("handle_taken", "taken")
      state.value = { status: "ready", account: sampleAccount }
    },
    linking,
    async linkDevice(how) {
      await new Promise((resolve) => setTimeout(resolve, 400))
      if ("show" in how) {
        linking.value = { role: "new", step: "showing", code: sampleCode, link: sampleLink, expiresAtMs: Date.now() + 120_000 }
        return
      }
      if (how.code.length < 10) throw new HostError("invalid_input", "This is no linking code. Look at it again.")
      linking.value = { role: "new", step: "connecting" }
      setTimeout(() => (linking.value = { role: "new", step: "choosing", number: 47 }), 1500)
    },
    async cancelLink() {
      linking.value = undefined
    },
    async recover({ handle }) {
      await new Promise((resolve) => setTimeout(resolve, 1500))
      if (handle !== "mira") throw new HostError("not_found", "There is no account with this handle on this server.")
      state.value = { status: "ready", account: sampleAccount }
    },
    checkWords: async (words) => sampleCheck(words),
    async saveBackup() {
      await new Promise((resolve) => setTimeout(resolve, 900))
      return new Blob(["nodoor archive\n"])
    },
    previewFile: async () => samplePreview(Date.now()) ?? Promise.reject(new HostError("unexpected", "")),
    restoreFile: () => new Promise((resolve) => setTimeout(resolve, 2000)),
    async sendFile(chatId, { content, name, mediaType, preview, caption = "" }) {
      const thumbhash = Array.from(preview?.thumbhash ?? [], (byte) => byte.toString(16).padStart(2, "0")).join("")
      const shown = { name, mediaType, sizeBytes: content.size, caption, preview: preview && { ...preview, thumbhash } }
      return device.putFile(chatId, { type: "file", ...shown, expiresMs: undefined })
    },
    async openFile(chatId, messageId) {
      const [message] = await device.messagesById(chatId, [messageId])
      const name = message?.content.type === "file" ? message.content.name : "photo.jpg"
      return { name, content: await samplePhoto(name) }
    },
    async erase() {
      state.value = { status: "empty" }
    },
    restart() {},
  }
}
