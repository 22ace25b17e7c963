import { open, rm } from "node:fs/promises"
import { CliError } from "./cli-error.ts"

/**
 * Writes a file that only its owner reads; an existing one is never touched, and one that could not be finished is removed. Returns its size.
 * @throws CliError `usage`, and what `content` throws
 */
export async function writeNewFile(path: string, content: string | AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    throw new CliError("usage", `The file ${path} could not be created. It must not exist yet.`, { cause: error })
  })
  try {
    if (typeof content === "string") await file.writeFile(content)
    else for await (const piece of content) await file.writeFile(piece)
    await file.sync()
    return (await file.stat()).size
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
