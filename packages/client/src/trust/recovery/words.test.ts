import assert from "node:assert/strict"
import { createHash, randomBytes } from "node:crypto"
import { test } from "node:test"
import { fromHex, toHex } from "@nodoor/bytes"
import { nodeProvider } from "@nodoor/mls/node"
import fc from "fast-check"
import { wordList } from "./word-list.ts"
import { nearestWords, readRecoveryWords, recoveryWordsOf, splitWords } from "./words.ts"

const words = (seed: Uint8Array): readonly string[] => recoveryWordsOf(nodeProvider, seed)
const read = (typed: readonly string[]) => readRecoveryWords(nodeProvider, typed)

test("the list is that of BIP-39, word for word", () => {
  const text = wordList.map((word) => `${word}\n`).join("")
  assert.equal(createHash("sha256").update(text).digest("hex"), "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda")
  assert.equal(wordList.length, 2048)
})

test("the examples of BIP-39 with 32 bytes become their words, and come back", () => {
  for (const [seed, phrase] of [
    ["00".repeat(32), `${"abandon ".repeat(23)}art`],
    ["7f".repeat(32), `${"legal winner thank year wave sausage worth useful ".repeat(2)}legal winner thank year wave sausage worth title`],
    ["ff".repeat(32), `${"zoo ".repeat(23)}vote`],
    [
      "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
      "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
    ],
  ] as const) {
    assert.equal(words(fromHex(seed)).join(" "), phrase)
    const back = read(phrase.split(" "))
    assert.ok(back.status === "right" && toHex(back.seed) === seed)
  }
})

test("every key comes back from its words, however they are typed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
      const typed = words(seed).map((word, at) => (at % 3 === 0 ? ` ${word.toUpperCase()} ` : at % 3 === 1 ? `${at + 1}. ${word}` : word))
      const back = read(typed)
      assert.ok(back.status === "right")
      assert.deepEqual(back.seed, seed)
      assert.deepEqual(splitWords(typed.join("\n")), words(seed))
    }),
  )
  assert.throws(() => words(new Uint8Array(31)), RangeError)
})

test("of mistyped words it is said which they are and what they may have been", () => {
  const right = [...words(fromHex("7f".repeat(32)))]
  const check = read(right.with(1, "winer").with(4, "wvae").with(23, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"))
  assert.ok(check.status === "unknown_words")
  assert.deepEqual(
    check.wrong.map(({ at }) => at),
    [1, 4, 23],
  )
  assert.ok(check.wrong[0]?.nearest.includes("winner"))
  assert.ok(check.wrong[1]?.nearest.includes("wave"))
  for (const { nearest } of check.wrong) assert.equal(nearest.length, 3)
  for (const [typed, meant] of [
    ["abandn", "abandon"],
    ["sausge", "sausage"],
    ["thnak", "thank"],
    ["usefull", "useful"],
  ] as const)
    assert.equal(nearestWords(typed)[0], meant)
})

test("too few words, too many, another order, and words of the list that are not the right ones are told apart", () => {
  const right = words(new Uint8Array(randomBytes(32)))
  assert.deepEqual(read(right.slice(1)), { status: "wrong_count", count: 23 })
  assert.deepEqual(read([...right, "zoo"]), { status: "wrong_count", count: 25 })
  assert.deepEqual(read([]), { status: "wrong_count", count: 0 })
  const example = words(fromHex("68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c"))
  assert.deepEqual(read([example[1] ?? "", example[0] ?? "", ...example.slice(2)]), { status: "wrong_checksum" })
  assert.deepEqual(read([...example.slice(0, 23), "zoo"]), { status: "wrong_checksum" })
})

test("a word in another place or another word passes the checksum once in 256 times, and not more", () => {
  let passed = 0
  for (let nth = 0; nth < 2_000; nth++) {
    const typed = [...words(new Uint8Array(randomBytes(32)))]
    const at = nth % 24
    typed[at] = wordList[(wordList.indexOf(typed[at] ?? "") + 1 + (nth % 2046)) % 2048] ?? ""
    if (read(typed).status === "right") passed++
  }
  assert.ok(passed < 40, String(passed))
})
