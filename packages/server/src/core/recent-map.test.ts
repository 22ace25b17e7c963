import assert from "node:assert/strict"
import { test } from "node:test"
import { RecentMap } from "./recent-map.ts"

test("what was used last stays, what was not used for long goes, and the rest may do either", () => {
  const map = new RecentMap<number>(100)
  for (let at = 0; at < 1000; at++) {
    map.set(`${at}`, at)
    assert.equal(map.get("0"), 0, "read again and again")
  }
  assert.equal(map.get("500"), undefined)
  assert.equal(map.get("950"), 950)
  map.deleteWhere((value) => value === 950)
  assert.equal(map.get("950"), undefined)
  map.delete("999")
  assert.equal(map.get("999"), undefined)
})
