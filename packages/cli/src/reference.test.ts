import assert from "node:assert/strict"
import { test } from "node:test"
import { ClientError, type ContactView, type Device } from "@nodoor/client"
import { CliError } from "./cli-error.ts"
import { bob, carol, chatOf } from "./fixtures/scripted-device.ts"
import { asArgument, findAccount, findChat, handlesOf, isMeant } from "./reference.ts"

/** Somebody whose handle the log has not proven, under Bob's name. */
const nameless: ContactView = { ...carol, accountId: "ee".repeat(16), handle: undefined, mark: "0123456789ab", name: "Bob (#0123456789ab)" }

function knowing(...contacts: readonly ContactView[]): { readonly device: Device; readonly asked: readonly string[] } {
  const asked: string[] = []
  const device: Partial<Device> = {
    contacts: async () => contacts,
    chats: async () => [],
    members: async () => contacts.map((contact) => ({ ...contact, role: "member" as const, own: false })),
    openChat: async (accountId) => chatOf("dd", { kind: "dm", peer: contacts.find((one) => one.accountId === accountId) }),
    findContact: async (handle) => {
      asked.push(handle)
      throw new ClientError("not_found", "nobody")
    },
  }
  return { device: device as Device, asked }
}
const refusedAs = (code: string) => (error: unknown) => error instanceof CliError && error.code === code

test("A handle means the contact whose handle is proven, or whoever the log leads to, and never somebody without one", async () => {
  const { device, asked } = knowing(nameless, bob)
  assert.equal((await findAccount(device, "@bob")).accountId, bob.accountId)
  assert.equal((await findChat(device, "@bob")).peer?.accountId, bob.accountId)
  for (const who of ["@undefined", "undefined", "@0123456789ab", "0123456789ab"]) {
    assert.ok(!isMeant(nameless, who))
    await assert.rejects(findAccount(device, who), refusedAs("not_found"))
  }
  assert.deepEqual(asked, ["undefined", "undefined", "0123456789ab", "0123456789ab"])
})

test("Somebody without a proven handle is meant by the mark of the account, and is shown with no @", async () => {
  const { device, asked } = knowing(nameless, bob)
  assert.equal((await findAccount(device, "#0123456789ab")).accountId, nameless.accountId)
  await assert.rejects(findAccount(device, "#ffffffffffff"), refusedAs("not_found"))
  assert.deepEqual(asked, [])
  assert.deepEqual([asArgument(nameless), asArgument(bob)], ["'#0123456789ab'", "@bob"])
  assert.deepEqual([...(await handlesOf(device, "cc")).values()], ["#0123456789ab", "@bob"])
})

test("Two people that one word means are nobody: nothing is done", async () => {
  const { device } = knowing(bob, { ...nameless, handle: "bob" })
  await assert.rejects(findAccount(device, "@bob"), refusedAs("ambiguous"))
  await assert.rejects(findChat(device, "@bob"), refusedAs("ambiguous"))
})
