import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { emailAddress } from "./email.ts"

test("addresses that people have are taken, each in one spelling", () => {
  const taken = {
    "anna@example.org": "anna@example.org",
    "pat.o'neill@example.org": "pat.o'neill@example.org",
    "a+shop@example.org": "a+shop@example.org",
    "a@xn--bcher-kva.example": "a@xn--bcher-kva.example",
    "a@example.xn--p1ai": "a@example.xn--p1ai",
    "a@bücher.example": "a@xn--bcher-kva.example",
    "a@BÜCHER.Example": "a@xn--bcher-kva.example",
    "почта@пример.рф": "почта@xn--e1afmkfd.xn--p1ai",
    "a@例え。jp": "a@xn--r8jz45g.jp",
    "x..y.@docomo.example": "x..y.@docomo.example",
    "a_b-c=d/e{f}@sub.sub.example.museum": "a_b-c=d/e{f}@sub.sub.example.museum",
    "Anna@EXAMPLE.org": "Anna@example.org",
    "  anna@example.org\u200b ": "anna@example.org",
    "mailto:anna@example.org": "anna@example.org",
    "1@2.example": "1@2.example",
  }
  for (const [typed, address] of Object.entries(taken)) assert.equal(emailAddress(typed), address, typed)
})

test("what is no address, and what would say something else to a mail server, is refused", () => {
  const many =
    'anna|@example.org|anna@|anna@localhost|a b@example.org|anna@exam ple.org|anna@-x.org|anna@x-.org|anna@example..org|anna@192.0.2.1|anna@[192.0.2.1]|anna@0x7f.1|anna@example.org:25|anna@example.org/x|anna@exa%6dple.org|a@b@example.org|"a b"@example.org|<anna@example.org>|anna@example.org,eve@example.org|a\r\nBcc: eve@example.org|anna@example.org\nX: y|a@example.123|'
  const refused = [...many.split("|"), `${"a".repeat(65)}@example.org`, `a@${"b".repeat(64)}.org`, `a@${"b.".repeat(130)}org`]
  for (const text of refused) assert.equal(emailAddress(text), undefined, JSON.stringify(text))
})

test("an address that is taken stays as it is when it is taken again, and holds no space, line break or bracket", () => {
  const parts = fc.array(fc.oneof(fc.constantFrom("@", ".", "a", "ü", "-", "'", "example.org", "\r\n", " ", "<", ","), fc.string()))
  fc.assert(
    fc.property(parts, (pieces) => {
      const address = emailAddress(pieces.join(""))
      if (address === undefined) return
      assert.equal(emailAddress(address), address)
      assert.doesNotMatch(address, /[\s<>,;:"()[\]\\\p{Cc}]/u)
    }),
  )
})
