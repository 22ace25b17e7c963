// What alarms look like, by the scene that shows them.

import type { AlarmView } from "@nodoor/client"
import { id, minute, people } from "./sample-world.ts"

export function sampleAlarms(now: number): Readonly<Record<string, readonly AlarmView[]>> {
  const fork: AlarmView = {
    id: id(91),
    level: "red",
    code: "log_fork",
    chatId: undefined,
    accountId: people.jonas.accountId,
    text: "The server showed you and Jonas Weber two different versions of its key log at size 4,812. One of them was made up. That cannot happen by accident.",
    atMs: now - 5 * minute,
    evidence: true,
  }
  const ghost: AlarmView = {
    id: id(92),
    level: "red",
    code: "unknown_own_device",
    chatId: undefined,
    accountId: id(1),
    deviceId: id(4),
    text: "A desktop app was added to your account on Monday at 03:12, and none of your devices did that. It can read what is written from now on until you remove it.",
    atMs: now - 5 * minute,
  }
  const sibling: AlarmView = {
    id: id(94),
    level: "notice",
    code: "own_device_added",
    chatId: undefined,
    accountId: id(1),
    deviceId: id(5),
    text: "Your account has a new device: Phone. It was added from another of your devices. If this was not you, remove it.",
    atMs: now - 5 * minute,
  }
  const wrecked: AlarmView = {
    id: id(96),
    level: "warn",
    code: "commit_refused_P4",
    chatId: id(22),
    accountId: people.long.accountId,
    text: `A device of ${people.long.name} made a change to the chat that nobody may make. The chat goes on without that device.`,
    atMs: now - 30 * minute,
    evidence: true,
  }
  return { alarm: [fork], ghost: [ghost], sibling: [sibling], healing: [wrecked] }
}
