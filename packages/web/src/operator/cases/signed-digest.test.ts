import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { HostError } from "../../host/host.ts"
import { approvalChallenge, requireShown } from "./signed-digest.ts"

const shown = createHash("sha256").update("the case as it was shown").digest("hex")
const since = createHash("sha256").update("the case with a document that came since").digest("hex")

test("the challenge of an approval is the hash of the digest that is shown", async () => {
  const expected = createHash("sha256").update("nodoor/desk-approval/v1\0").update(Buffer.from(shown, "hex")).digest("base64url")
  assert.equal(await approvalChallenge(shown), expected)
})

test("no passkey is asked to sign a case that is another than the one on the screen", async () => {
  await requireShown(JSON.stringify({ challenge: await approvalChallenge(shown), rpId: "chat.example" }), shown)
  for (const options of [{ challenge: await approvalChallenge(since) }, { challenge: shown }, {}])
    await assert.rejects(
      requireShown(JSON.stringify(options), shown),
      (error) => error instanceof HostError && error.code === "operator_refused" && /has changed/.test(error.message),
    )
})
