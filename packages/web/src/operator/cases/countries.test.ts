import assert from "node:assert/strict"
import { test } from "node:test"
import { countries, countryName } from "./countries.ts"

test("the list holds the countries of ISO 3166-1 by their names, and neither unions nor codes that were given up", () => {
  const codes = countries().map(({ code }) => code)
  for (const code of ["DE", "US", "JP", "TR", "BR", "XK", "AX"]) assert.ok(codes.includes(code), code)
  for (const code of ["EU", "ZZ", "DD", "SU", "UK", "AA"]) assert.ok(!codes.includes(code), code)
  assert.ok(codes.length >= 245 && codes.length <= 252, `${codes.length}`)
  assert.equal(new Set(codes).size, codes.length)
})

test("a code is said by its name, and what is no code stays as it is", () => {
  assert.equal(countryName("DE"), "Germany")
  assert.equal(countryName("AA"), "AA")
  assert.equal(countryName("nowhere"), "nowhere")
})
