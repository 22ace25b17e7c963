// The operator's console: a dispatcher of its own, for people with a passkey.

import type { Console } from "../console/console.ts"
import type { Service } from "./service.ts"

export function consoleService(console: Console): Service {
  return { mounts: [{ prefix: "/v1/operator/", dispatcher: console, admit: (path, caller) => console.admit(path, caller) }] }
}
