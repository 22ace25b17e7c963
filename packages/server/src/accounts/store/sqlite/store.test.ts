import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after } from "node:test"
import { storeContract } from "../contract/store-contract.ts"
import { openInProcessStore } from "./in-process.ts"
import { openStoreThread } from "./thread.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-store-"))
after(() => rmSync(directory, { recursive: true }))
let files = 0

storeContract("SQLite in this thread", async () => openInProcessStore(":memory:"))
storeContract("SQLite in a thread of its own", () => openStoreThread(join(directory, `${files++}.sqlite`), { log: () => {} }))
