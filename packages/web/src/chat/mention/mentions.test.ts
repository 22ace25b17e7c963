import assert from "node:assert/strict"
import { test } from "node:test"
import type { MemberView } from "@nodoor/client"
import { mentionable, offered, queryAt } from "./mentions.ts"

const member = (accountId: string, name: string, rest: Partial<MemberView> = {}): MemberView =>
  ({ accountId, name, handle: name.toLowerCase().replaceAll(" ", "."), origin: "chat.example", own: false, ...rest }) as MemberView
const crew = [member("1", "Ann"), member("2", "Ann Lee"), member("3", "Émile Zola"), member("4", "Ann"), member("9", "Me", { own: true })]

test("an @ at the beginning of a word asks for a name, up to the cursor", () => {
  assert.deepEqual(queryAt("hi @an", 6), { at: 3, query: "an" })
  assert.deepEqual(queryAt("@", 1), { at: 0, query: "" })
  assert.deepEqual(queryAt("@Ann Le", 7), { at: 0, query: "Ann Le" })
  assert.deepEqual(queryAt("(@a) more", 3), { at: 1, query: "a" })
  for (const [text, cursor] of [
    ["me@example", 10],
    ["@ ann", 5],
    ["@ann  and", 9],
    ["@ann\nand", 8],
    ["no", 2],
  ] as const)
    assert.equal(queryAt(text, cursor), undefined, text)
})

test("people are offered by their name or handle, without accents, and never the reader", () => {
  const ids = (query: string): string[] => offered(crew, query).map((one) => one.accountId)
  assert.deepEqual(ids("ann"), ["1", "2", "4"])
  assert.deepEqual(ids("emile"), ["3"])
  assert.deepEqual(ids("zola"), ["3"])
  assert.deepEqual(ids("me"), [])
  assert.deepEqual(ids(""), ["1", "2", "3", "4"])
})

test("of two with one name, the one who was picked is meant, or nobody", () => {
  const accounts = (picked: ReadonlyMap<string, string>): string[] => mentionable(crew, picked).map(({ account }) => account)
  assert.deepEqual(accounts(new Map()), ["2", "3"])
  assert.deepEqual(accounts(new Map([["Ann", "4"]])), ["4", "2", "3"])
  assert.deepEqual(accounts(new Map([["Ann", "7"]])), ["2", "3"])
})
