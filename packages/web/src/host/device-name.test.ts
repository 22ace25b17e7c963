import assert from "node:assert/strict"
import { test } from "node:test"
import { suggestedDeviceName } from "./device-name.ts"

test("a browser calls itself by the browser and the system", () => {
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
  assert.equal(suggestedDeviceName(chrome), "Chrome on Linux")
  assert.equal(suggestedDeviceName(`${chrome} Edg/140.0.0.0`), "Edge on Linux")
  assert.equal(suggestedDeviceName("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"), "Firefox on Windows")
  const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
  assert.equal(suggestedDeviceName(phone), "Safari on iPhone")
  assert.equal(suggestedDeviceName("something else"), "Browser")
})
