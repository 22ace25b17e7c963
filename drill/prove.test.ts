import assert from "node:assert/strict"
import { test } from "node:test"
import type { Mutation } from "./mutations/mutation.ts"
import { isProven, runWithout } from "./without.ts"

const quorum: Mutation = {
  name: "quorum",
  without: "enough witnesses vouch for a head",
  edits: [
    {
      file: "packages/keylog/src/checkpoint/witness-policy.ts",
      text: 'rule(false, "witness_quorum", `${witnesses.length} of ${policy.quorum} witnesses`)',
      replacement: "void witnesses",
    },
  ],
  tests: ["packages/keylog/src/checkpoint/witness-policy.test.ts"],
}

test("A check that is taken out is noticed by a test that names it, and the test is named", async () => {
  const result = await runWithout(quorum)
  assert.ok(isProven(result), JSON.stringify(result))
  assert.match(result.tests[0]?.name ?? "", /witness/)
})

test("A check that no test misses is a survivor", async () => {
  const result = await runWithout({
    ...quorum,
    edits: [
      {
        file: "packages/keylog/src/checkpoint/witness-policy.ts",
        text: quorum.edits[0]?.text ?? "",
        replacement: quorum.edits[0]?.text ?? "",
      },
    ],
  })
  assert.deepEqual([result.problem, result.tests, isProven(result)], [undefined, [], false])
})

test("A change that no test loads, and one that is no program, prove nothing", async () => {
  const elsewhere = await runWithout({
    ...quorum,
    edits: [{ file: "packages/client/src/trust/trust.ts", text: "import", replacement: "" }],
  })
  assert.match(elsewhere.problem ?? "", /never loaded/)
  const broken = await runWithout({
    ...quorum,
    edits: [{ file: "packages/keylog/src/checkpoint/witness-policy.ts", text: "witness_quorum", replacement: '"' }],
  })
  assert.ok(!isProven(broken), JSON.stringify(broken))
})
