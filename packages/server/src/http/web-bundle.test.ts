import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { fromUtf8 } from "@nodoor/bytes"
import { contentSecurityPolicy } from "./security-headers.ts"
import { type WebBundle, loadWebBundle } from "./web-bundle.ts"

const nothingAsked = { ifNoneMatch: undefined, acceptEncoding: undefined }

function withBundle(
  files: Readonly<Record<string, string>>,
  run: (bundle: WebBundle | undefined) => void,
  streamNames: readonly string[] = [],
): void {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-bundle-"))
  try {
    mkdirSync(join(directory, "assets"))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
    run(loadWebBundle(directory, streamNames))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test("the console's page stands at /operator and below it, the app's page at every other place, with the same headers but for who may hold whose window", () =>
  withBundle({ "index.html": "the app", "operator.html": "the console", "assets/a.js": "code" }, (bundle) => {
    const textAt = (path: string): string | undefined => {
      const answer = bundle?.answer(path, nothingAsked)
      return answer && fromUtf8(answer.body ?? new Uint8Array())
    }
    for (const path of ["/operator", "/operator/", "/operator/cases", "/operator.html"]) assert.equal(textAt(path), "the console", path)
    for (const path of ["/", "/@operator", "/operators", "/settings", "/i/abc", "/i/abc/", "/@alice/", "/%40alice"])
      assert.equal(textAt(path), "the app", path)
    for (const path of ["/operator/../index.html", "/operator/x.js", "/assets/b.js", "/kt/checkpoint"])
      assert.equal(textAt(path), undefined, path)
    for (const [path, opener] of [
      ["/", "same-origin"],
      ["/operator", "noopener-allow-popups"],
    ] as const) {
      const { headers = {} } = bundle?.answer(path, nothingAsked) ?? {}
      assert.equal(headers["Content-Security-Policy"], contentSecurityPolicy)
      assert.equal(headers["X-Frame-Options"], "DENY")
      assert.equal(headers["Cross-Origin-Opener-Policy"], opener)
    }
  }))

test("a bundle without the console's page has nothing at /operator, and one without the app's page is none", () => {
  withBundle({ "index.html": "the app" }, (bundle) => {
    assert.equal(bundle?.answer("/operator", nothingAsked), undefined)
    assert.equal(bundle?.answer("/", nothingAsked)?.status, 200)
  })
  withBundle({ "operator.html": "the console" }, (bundle) => assert.equal(bundle, undefined))
})

test("the app may connect to the streams' own names and to nothing else, and the console to none of them", () =>
  withBundle(
    { "index.html": "the app", "operator.html": "the console" },
    (bundle) => {
      const policyAt = (path: string): string => bundle?.answer(path, nothingAsked)?.headers["Content-Security-Policy"] ?? ""
      assert.match(
        policyAt("/"),
        /; connect-src 'self' wss:\/\/read\.example https:\/\/read\.example wss:\/\/post\.example https:\/\/post\.example; /,
      )
      assert.equal(policyAt("/operator"), contentSecurityPolicy)
      assert.match(contentSecurityPolicy, /; connect-src 'self'; /)
    },
    ["read.example", "post.example"],
  ))
