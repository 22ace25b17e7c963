// The published canary and those before it.

import { fromUtf8 } from "@nodoor/bytes"
import { publishedCanary } from "../desk/canary/published-canary.ts"
import { plain } from "../http/page.ts"
import { publicFile } from "../http/security-headers.ts"
import type { Service } from "./service.ts"

export function canaryService(dataDir: string): Service {
  return {
    pages: [
      {
        paths: ["/canary.json", "/canary/:name{[0-9a-f]+\\.json}"],
        answer: (request) => {
          const canary = publishedCanary(dataDir, request.param("name")?.replace(/\.json$/, ""))
          const headers = { ...publicFile, "Content-Type": "application/json" }
          return canary === undefined ? plain("This server has no signed canary.\n", 404) : plain(fromUtf8(canary), 200, headers)
        },
      },
    ],
  }
}
