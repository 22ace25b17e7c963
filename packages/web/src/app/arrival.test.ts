import assert from "node:assert/strict"
import { test } from "node:test"
import { siteStorage } from "../host/site-storage.ts"
import { createArrival } from "./arrival.ts"

const nothing = { invite: undefined, handle: undefined }
const newTab = (): ReturnType<typeof siteStorage> => siteStorage({} as Window, "sessionStorage")

test("an invite and whose link it was outlive a reload, until they are dealt with", () => {
  const tab = newTab()
  const arrival = createArrival({ invite: "abc", handle: "alice" }, tab)
  assert.deepEqual(createArrival(nothing, tab).value, { invite: "abc", handle: "alice" })
  arrival.value = { invite: undefined, handle: "alice" }
  assert.deepEqual(createArrival(nothing, tab).value, { invite: undefined, handle: "alice" })
  arrival.value = nothing
  assert.deepEqual(createArrival(nothing, tab).value, nothing)
})

test("a new link takes the place of an older one, and what is no arrival is none", () => {
  const tab = newTab()
  createArrival({ invite: "abc", handle: undefined }, tab)
  assert.deepEqual(createArrival({ invite: undefined, handle: "bob" }, tab).value, { invite: undefined, handle: "bob" })
  for (const kept of ["", "null", "[]", "{", '{"invite":7}']) {
    tab.setItem("nodoor.arrival", kept)
    assert.deepEqual(createArrival(nothing, tab).value, nothing, kept)
  }
})
