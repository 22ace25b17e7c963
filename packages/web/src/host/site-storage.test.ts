import assert from "node:assert/strict"
import { test } from "node:test"
import { refusesStorage, siteStorage } from "./site-storage.ts"

const refused = (): never => {
  throw new DOMException("Access is denied for this document.", "SecurityError")
}
const windowWith = (localStorage: () => unknown): Window =>
  Object.defineProperty({}, "localStorage", { get: localStorage }) as unknown as Window

test("a browser that blocks site data costs the settings, not the page", () => {
  const window = windowWith(refused)
  assert.equal(refusesStorage(window), true)
  const storage = siteStorage(window, "localStorage")
  assert.equal(storage.getItem("a"), null)
  storage.setItem("a", "1")
  assert.equal(storage.getItem("a"), "1")
  storage.removeItem("a")
  assert.equal(storage.getItem("a"), null)
})

test("what the browser keeps is read from it and written to it", () => {
  const kept = new Map([["a", "old"]])
  const window = windowWith(() => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }))
  assert.equal(refusesStorage(window), false)
  const storage = siteStorage(window, "localStorage")
  assert.equal(storage.getItem("a"), "old")
  storage.setItem("a", "new")
  assert.deepEqual([...kept], [["a", "new"]])
  storage.removeItem("a")
  assert.equal(storage.getItem("a"), null)
})

test("a setting that the browser has no room for lasts as long as the page", () => {
  const window = windowWith(() => ({ getItem: () => "old", setItem: refused, removeItem: () => {} }))
  const storage = siteStorage(window, "localStorage")
  storage.setItem("a", "new")
  assert.equal(storage.getItem("a"), "new")
})
