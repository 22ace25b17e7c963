// The folders of a package, lowest first.

/**
 * A folder imports itself and what stands before it, types included. `.` is the package's `src` itself. What a package shows
 * and starts with, `index.ts` and `main.ts`, may import all of them.
 */
export const folderOrder: Readonly<Record<string, readonly string[]>> = {
  client: [
    "texts",
    "text",
    "core",
    "platform",
    "store",
    "trust",
    "group",
    "content",
    "chat",
    "sync",
    "sending",
    "receiving",
    "view",
    "archive",
    "missed",
    "media",
    "link",
    "api",
  ],
  keylog: ["core", "account", "tree", "checkpoint", "map", "search", "audit", ".", "compare"],
  mls: ["provider", "api", "codec", "tree", "secrets", "message", "group"],
  // Its folders stand in no one row, but there is no circle among them.
  server: [],
}
