import assert from "node:assert/strict"
import { test } from "node:test"
import { followedDraft } from "./followed-draft.ts"

test("a draft that another tab has sent or changed follows here, and words typed here stay", () => {
  assert.equal(followedDraft({ shown: "hello", known: "hello", kept: "", isUnsaved: false }), "", "sent in another tab")
  assert.equal(followedDraft({ shown: "", known: "", kept: "hello", isUnsaved: false }), "hello", "typed in another tab")
  assert.equal(followedDraft({ shown: "hello you", known: "hello", kept: "", isUnsaved: true }), "hello you", "typed on here")
  assert.equal(followedDraft({ shown: "hel", known: "", kept: "hello", isUnsaved: false }), "hel")
  assert.equal(followedDraft({ shown: "a", known: "a", kept: "ab", isUnsaved: true }), "a", "taken back here and not kept yet")
})
