import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { parseCddl, shapeOf } from "./fixtures/cddl.ts"
import * as wire from "./index.ts"
import type { Route } from "./route.ts"

const rules = parseCddl(readFileSync(new URL("../../../docs/wire.cddl", import.meta.url), "utf8"))

/** Every route that the package exports. */
const routes = (Object.values(wire) as unknown[]).filter(isRoute)

function isRoute(value: unknown): value is Route<unknown, unknown> {
  return typeof value === "object" && value !== null && "path" in value && "caller" in value
}

test("every request and answer has in docs/wire.cddl the fields, the options and the sizes of the code", () => {
  assert.ok(routes.length >= 17)
  for (const { path, request, answer } of routes) {
    const name = path.replace("/v1/", "").replaceAll("/", "-")
    assert.deepEqual(rules.get(`${name}-request`), shapeOf(request), `${name}-request`)
    assert.deepEqual(rules.get(`${name}-answer`), shapeOf(answer), `${name}-answer`)
  }
  assert.deepEqual(rules.get("fault"), shapeOf(wire.wireFault))
})

test("docs/wire.cddl has no message that the code does not have", () => {
  const known = new Set(routes.map(({ path }) => path.replace("/v1/", "").replaceAll("/", "-")))
  const said = [...rules.keys()].flatMap((name) => /^(.*)-(?:request|answer|frame)$/.exec(name)?.[1] ?? [])
  assert.deepEqual(
    said.filter((name) => !known.has(name)),
    [],
  )
})

test("the comparison sees a field that is missing, optional, or of another size", () => {
  const shape = rules.get("session-request")
  const differs = (source: string): void => assert.notDeepEqual(parseCddl(`x = ${source}`).get("x"), shape)
  const [challenge, rest] = ["bstr .size 32", "deviceId: bstr .size 16, signature: bstr .size 64"]
  assert.deepEqual(parseCddl(`x = { ${rest}, challenge: ${challenge} }`).get("x"), shape)
  differs(`{ ${rest} }`)
  differs(`{ ${rest}, ? challenge: ${challenge} }`)
  differs(`{ ${rest}, challenge: bstr .size (0..32) }`)
  differs(`{ ${rest}, challenge: ${challenge}, more: bool }`)
})
