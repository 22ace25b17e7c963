import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { codeLink, codeSecretBytes, codeText, readCode } from "./code.ts"

const secret = fc.uint8Array({ minLength: codeSecretBytes, maxLength: codeSecretBytes })
const invalid = { code: "link_code_invalid" }

test("a code is read back from its text and its link, however it is typed", () => {
  fc.assert(
    fc.property(secret, fc.boolean(), (bytes, lower) => {
      const text = codeText(bytes)
      assert.match(text, /^([0-9A-HJKMNP-TV-Z]{5} ){4}[0-9A-HJKMNP-TV-Z]{5}$/)
      const typed = (lower ? text.toLowerCase() : text).replaceAll("0", "o").replaceAll("1", lower ? "l" : "I")
      for (const one of [text, typed, ` ${typed.replaceAll(" ", "-")}\n`, typed.replaceAll(" ", ""), typed.replaceAll(" ", " – ")])
        assert.deepEqual(readCode(one), { secret: new Uint8Array(bytes) })
      const link = codeLink("https://chat.example/", bytes)
      assert.deepEqual(readCode(link), { secret: new Uint8Array(bytes), serverUrl: "https://chat.example" })
    }),
  )
})

test("one wrong character, or two neighbours that changed places, make it no code", () => {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
  fc.assert(
    fc.property(secret, fc.nat(24), fc.integer({ min: 1, max: 31 }), (bytes, at, shift) => {
      const text = codeText(bytes).replaceAll(" ", "")
      const other = alphabet[(alphabet.indexOf(text[at] ?? "") + shift) % 32] ?? ""
      assert.throws(() => readCode(text.slice(0, at) + other + text.slice(at + 1)), invalid)
      const [a = "", b = ""] = [text[at], text[at + 1]]
      if (b !== "" && a !== b) assert.throws(() => readCode(text.slice(0, at) + b + a + text.slice(at + 2)), invalid)
    }),
  )
})

test("what is no code is refused: other lengths, letters and links, and very long texts", () => {
  const text = codeText(new Uint8Array(codeSecretBytes).fill(7))
  for (const one of [
    "",
    "x",
    text.slice(1),
    `${text}0`,
    text.replace(/.$/, "U"),
    `https://a.example/#/chat/${text}`,
    `javascript:#link/${text}`,
    "0".repeat(100_000),
  ])
    assert.throws(() => readCode(one), invalid, one.slice(0, 60))
  fc.assert(
    fc.property(fc.string({ maxLength: 3_000 }), (one) => {
      try {
        assert.equal(readCode(one).secret.length, codeSecretBytes)
      } catch (error) {
        assert.equal((error as { readonly code?: unknown }).code, "link_code_invalid")
      }
    }),
  )
})
