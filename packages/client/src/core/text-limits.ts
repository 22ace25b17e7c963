import { toUtf8 } from "@nodoor/bytes"
import { countGraphemes, limits, plainName } from "@nodoor/wire"
import { nameTexts } from "../texts/en.ts"
import { ClientError } from "./client-error.ts"

/** Bounds on what people write, each well above what they do. Characters are what people count as such; bytes are bounded apart. */
export const textLimits = {
  /** A message with its envelope fits a post with room for encryption. */
  messageBytes: 131_072,
  nameCharacters: limits.nameCharacters as 64,
  groupNameCharacters: limits.nameCharacters as 64,
  /** A family emoji with skin tones has 41 bytes. */
  emojiBytes: 64,
  reactionsPerAccount: 16,
  draftCharacters: 100_000,
  folderCharacters: 32,
  folders: 32,
  settingCharacters: 1_000,
} as const

/** A name of a person or a group as it is stored and sent. @throws ClientError `invalid_input` */
export function checkedName(name: string, maxCharacters: number): string {
  const plain = plainName(name)
  if (plain === "") throw new ClientError("invalid_input", nameTexts.noneVisible)
  if (isTooLong(plain, maxCharacters)) throw new ClientError("invalid_input", nameTexts.tooLong(maxCharacters))
  return plain
}

/** For a name that is written and for one that comes in. */
export function isTooLong(name: string, maxCharacters: number): boolean {
  return toUtf8(name).length > limits.nameBytes || countGraphemes(name, maxCharacters) > maxCharacters
}
