// A host whose state is chosen by the address: `?scene=welcome`, `private-welcome`, `private`, `written-again`, `lost`, `unsupported`, `failed`, `starting`, `empty-list`, `offline`, `catching-up`, `slow`, `alarm`, `notices`, `gone`, `deleted`, `home`.

import { signal } from "@preact/signals"
import type { Host, HostState, StorageView } from "../src/host/host.ts"
import { HostError } from "../src/host/host.ts"
import { createMemoryDevice } from "./memory-device.ts"
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
  "written-again": { offTheRecord: false, state: "written_again" },
}

export function createSceneHost(options: URLSearchParams): Host {
  const scene = options.get("scene") ?? "home"
  const state = signal<HostState>(states[scene] ?? { status: "ready", account: sampleAccount })
  return {
    state,
    owner: signal("scene"),
    storage: signal(storages[scene] ?? { offTheRecord: false, state: "kept" }),
    device: createMemoryDevice(scene),
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
    async erase() {
      state.value = { status: "empty" }
    },
    restart() {},
  }
}
