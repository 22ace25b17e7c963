// A file that is always whole.

import { open, rename } from "node:fs/promises"
import { dirname } from "node:path"

/** Durable when it resolves: the old content or the new, never a part. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const next = `${path}.next`
  const file = await open(next, "w", 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
  const folder = await open(dirname(path))
  await folder.sync().finally(() => folder.close())
}
