// The console on a made-up server. `?scene=` chooses its state: console, sign-in, idle, address, insecure, trouble, empty, slow, broken,
// refused, long; `?role=` who is signed in. An enrolment is `#enrol=` and 43 letters.

import type { OperatorRole } from "@nodoor/wire/operator"
import { createSession } from "../src/operator/session.ts"
import { startConsole } from "../src/operator/start-console.tsx"
import { createSampleClient } from "./operator-client.ts"

const options = new URLSearchParams(window.location.search)
const scene = options.get("scene") ?? "console"
const role = (options.get("role") ?? "owner") as OperatorRole
const outside = ["sign-in", "idle", "address", "insecure"].includes(scene)
const kept = new Map<string, string>()
const session = createSession(
  { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) },
  () => Date.now(),
)
const signedIn = {
  token: new Uint8Array(32),
  expiresAtMs: Date.now() + 43_200_000,
  name: scene === "long" ? "Ines".padEnd(64, "s") : "Ines Calloway",
  role,
}
if (!outside) session.begin(signedIn)
if (scene === "idle") session.end("idle")

startConsole({
  session,
  client: createSampleClient(scene, signedIn),
  passkeys: {
    obstacle: scene === "address" || scene === "insecure" ? scene : undefined,
    create: async () => "{}",
    sign: async () => "{}",
  },
})
