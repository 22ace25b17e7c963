// Makes src/emoji/en.json, which is part of the repository: the emoji by group, each with its name, words to find it by, and how a skin tone is
// put into it. Run `node packages/web/emoji-source/emoji-list.ts` for a new version of Unicode. It installs emojibase's data, which nothing else
// needs, into a temporary folder and removes it again.

import { execFileSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

interface Skin {
  readonly emoji: string
  readonly tone: number | readonly number[]
}
interface Entry {
  readonly emoji: string
  readonly label: string
  readonly tags?: readonly string[]
  readonly group?: number
  readonly order: number
  readonly skins?: readonly Skin[]
}

/** By emojibase's numbers. 2 are parts of emoji, which nobody picks. */
const groups: Readonly<Record<number, string>> = {
  0: "smileys",
  1: "people",
  3: "nature",
  4: "food",
  5: "places",
  6: "activities",
  7: "objects",
  8: "symbols",
  9: "flags",
}
const lightTone = "\u{1F3FB}"

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), "nodoor-emoji-"))
try {
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(here, name), join(folder, name))
  execFileSync("npm", ["ci", "--prefix", folder, "--ignore-scripts"], { stdio: ["ignore", "ignore", "inherit"] })
  const entries = JSON.parse(readFileSync(join(folder, "node_modules/emojibase-data/en/data.json"), "utf8")) as readonly Entry[]
  writeFileSync(resolve(here, "../src/emoji/en.json"), `${JSON.stringify(listOf(entries), null, 1)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** `emoji|name|words|with * where a tone goes`; the last two may be missing. */
function listOf(entries: readonly Entry[]): Readonly<Record<string, readonly string[]>> {
  const sorted = entries.toSorted((a, b) => a.order - b.order)
  return Object.fromEntries(
    Object.entries(groups).map(([number, name]) => [name, sorted.filter(({ group }) => group === Number(number)).map(lineOf)]),
  )
}

function lineOf({ emoji, label, tags = [], skins = [] }: Entry): string {
  const name = label.toLowerCase()
  const words = tags.filter((tag) => !name.includes(tag)).join(" ")
  const toned = skins.find(({ tone }) => tone === 1)?.emoji.replaceAll(lightTone, "*")
  const fields = [emoji, name, words, toned ?? ""]
  while (fields.at(-1) === "") fields.pop()
  return fields.join("|")
}
