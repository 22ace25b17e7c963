// What a terminal shows, and what of it.

import type { Mutation } from "./mutation.ts"

export const cliMutations: readonly Mutation[] = [
  {
    name: "terminal-visible",
    without: "what the CLI writes is made visible at the one place where it is written",
    edits: [
      {
        file: "packages/cli/src/terminal.ts",
        text: "print: (text) => write(visible(text)),",
        replacement: "print: (text) => write(text),",
      },
      {
        file: "packages/cli/src/terminal.ts",
        text: "process.stderr.write(`${visible(text)}\\n`)",
        replacement: "process.stderr.write(`${text}\\n`)",
      },
    ],
    tests: ["packages/cli/src/terminal.test.ts"],
  },
  {
    name: "terminal-lines",
    without: "the server's words in an error stay on its line",
    edits: [
      {
        file: "packages/cli/src/exit-code.ts",
        text: "`nodoor: ${harmlessLine(message)} (${harmlessLine(code)})`",
        replacement: "`nodoor: ${harmless(message)} (${harmlessLine(code)})`.replaceAll('\\n    ', '\\n')",
      },
    ],
    tests: ["packages/cli/src/terminal.test.ts"],
  },
  {
    name: "terminal-operator",
    without: "what `nodoor-server` says is made visible",
    edits: [
      {
        file: "packages/server/src/command/terminal.ts",
        text: "process.stderr.write(`${visible(text)}\\n`)",
        replacement: "process.stderr.write(`${text}\\n`)",
      },
    ],
    tests: ["packages/server/src/main.test.ts"],
  },
  {
    name: "received-places",
    without: "what was printed is counted by places in the chat, not by orders of one of its histories",
    edits: [
      {
        file: "packages/cli/src/received.ts",
        text: "position = Math.max(position, message.position)",
        replacement: "position = Math.max(position, message.order ?? 0)",
      },
    ],
    tests: ["packages/cli/src/command/receive.test.ts"],
  },
  {
    name: "places-once",
    without: "a place in a chat is never given twice, even when its message is gone",
    edits: [
      {
        file: "packages/client/src/store/chat/position.ts",
        text: " UNION ALL SELECT read_position FROM chat WHERE chat_id = ? AND read_position >= ? AND read_position < ?)",
        replacement: " UNION ALL SELECT 0 FROM chat WHERE chat_id = ? AND read_position >= ? AND read_position < ? AND 0)",
      },
    ],
    tests: ["sim/two-people.test.ts"],
  },
  {
    name: "places-read",
    without: "reading up to an own message on its way reads nothing that comes later",
    edits: [
      {
        file: "packages/client/src/chat/read-mark.ts",
        text: "message.position < queuedPosition ? message.position : await lastPlaced(tx, chatId)",
        replacement: "message.position",
      },
    ],
    tests: ["sim/two-people.test.ts"],
  },
  {
    name: "disk-full",
    without: "a full disk is told apart from damage",
    edits: [
      {
        file: "packages/cli/src/disk-trouble.ts",
        text: "return trouble && told[trouble](error)",
        replacement: "void told\n  return trouble && undefined",
      },
    ],
    tests: ["packages/cli/src/profile-lock.test.ts"],
  },
  {
    name: "wait-refused",
    without: "a command that waits ends when the server refuses the device",
    edits: [
      {
        file: "packages/cli/src/command/receive.ts",
        text: "if (printed === 0) await failIfRefused(device)",
        replacement: "",
      },
    ],
    tests: ["packages/cli/src/command/receive.test.ts"],
  },
]
