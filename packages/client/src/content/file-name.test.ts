import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { plainFileName } from "./file-name.ts"

test("A name is one plain name, whatever path, device, control or direction somebody wrote into it", () => {
  for (const [given, plain] of [
    ["photo.jpg", "photo.jpg"],
    ["Übersicht 2026 (neu).pdf", "Übersicht 2026 (neu).pdf"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Windows\\system32\\calc.exe", "calc.exe"],
    ["/", "file"],
    ["", "file"],
    ["..", "file"],
    [".bashrc", "bashrc"],
    ["a.txt. . ", "a.txt"],
    ["photo\u202egpj.exe", "photogpj.exe"],
    ["a\u0000b\nc\u007f.txt", "abc.txt"],
    ["con", "_con"],
    ["NUL.txt", "_NUL.txt"],
    ["console.txt", "console.txt"],
    ['a<b>c:"d|e?f*.txt', "a_b_c__d_e_f_.txt"],
    ["\u200b\u2060", "file"],
    ["a\u00a0\u2003b.txt", "a b.txt"],
    ["\ud800x.txt", "\ufffdx.txt"],
  ] as const)
    assert.equal(plainFileName(given), plain, JSON.stringify(given))
})

test("A long name keeps its extension and fits every file system; whatever comes in, the name is plain and stays as it is", () => {
  const long = plainFileName(`${"ü".repeat(5_000)}.jpeg`)
  assert.ok(new TextEncoder().encode(long).length <= 200 && long.endsWith("ü"), "what is behind 4,096 characters is not looked at")
  assert.ok(plainFileName(`${"é".repeat(900)}.jpeg`).endsWith("é.jpeg"))
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
      const plain = plainFileName(name)
      assert.ok(plain.length > 0 && new TextEncoder().encode(plain).length <= 200)
      assert.doesNotMatch(plain, /[/\\<>:"|?*\p{Cc}\p{Cf}]|^\.|[. ]$/u)
      assert.equal(plainFileName(plain), plain)
    }),
    { numRuns: 2_000 },
  )
})
