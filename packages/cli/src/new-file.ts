import { open } from "node:fs/promises"
import { CliError } from "./cli-error.ts"

/** Writes a file that only its owner reads; an existing one is never touched. @throws CliError `usage` */
export async function writeNewFile(path: string, content: string): Promise<void> {
  try {
    const file = await open(path, "wx", 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new CliError("usage", `The file ${path} could not be created. It must not exist yet.`, { cause: error })
  }
}
