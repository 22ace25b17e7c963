// Names of files as others wrote them: shown, and given to a file system when somebody saves one.

import { toUtf8 } from "@nodoor/bytes"
import { graphemes, showsNothing } from "@nodoor/wire"

/** What file systems take with something added for a copy. */
const nameBytes = 180
const nameCharacters = 100
const extensionCharacters = 12
/** Names of devices on Windows, whatever comes behind a dot. */
const devices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=$|\.)/i
/** Controls, and what turns the reading direction around or cannot be seen: `photo‮gpj.exe` must not pass for a picture. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** One name without a path, which every file system takes and which shows as it is. Never empty. */
export function plainFileName(name: string): string {
  const last = name.slice(0, 4_096).toWellFormed().split(/[/\\]/).at(-1) ?? ""
  const plain = last
    .replace(unseen, "")
    .normalize("NFC")
    .replace(/[<>:"|?*]/g, "_")
    .replace(/\p{Zs}+/gu, " ")
    // A dot in front hides a file; one at the end, or a space, is lost on Windows.
    .replace(/^[. ]+|[. ]+$/g, "")
  if (plain === "" || showsNothing(plain)) return "file"
  return cut(devices.test(plain) ? `_${plain}` : plain)
}

/** The beginning of the name, with its extension. */
function cut(name: string): string {
  const dot = name.lastIndexOf(".")
  const extension = dot > 0 && name.length - dot <= extensionCharacters ? name.slice(dot) : ""
  let stem = ""
  let bytes = toUtf8(extension).length
  for (const [at, character] of graphemes(name.slice(0, name.length - extension.length)).entries()) {
    bytes += toUtf8(character).length
    if (at >= nameCharacters || bytes > nameBytes) break
    stem += character
  }
  const whole = stem === "" ? `file${extension}` : `${stem}${extension}`
  return whole.replace(/[. ]+$/, "")
}
