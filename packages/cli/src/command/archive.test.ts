import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { archivesOf } from "@nodoor/server/fixtures"
import { ScriptedDevice, scriptedTerminal } from "../fixtures/scripted-device.ts"

test("archive writes a new file byte for byte, and accepts it only if it is signed, complete and about this account", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-archive-"))
  const at = (name: string): string => join(folder, name)
  // The fixture's server is called chat.example; the account of the profile is alice there.
  const device = new ScriptedDevice()
  device.origin = "chat.example"
  const { run } = scriptedTerminal(device)
  const { own, lawful } = await archivesOf("alice")
  device.archiveText = own
  const made = await run(["archive", "--out", at("own.json")])
  assert.equal(made.code, 0, made.talk)
  assert.equal(readFileSync(at("own.json"), "utf8"), own)
  const { purpose, accounts, rows } = JSON.parse(made.out[0] ?? "") as Record<string, unknown>
  assert.deepEqual([purpose, accounts, rows], ["own record", 1, 3])
  const again = await run(["archive", "--out", at("own.json")])
  assert.deepEqual([again.code, readFileSync(at("own.json"), "utf8")], [2, own], "nothing is written over")
  assert.equal((await run(["archive"])).code, 2)

  const refused: readonly string[] = [own.replace("Holder of alice", "Holder of alicf"), lawful, (await archivesOf("bob")).own, "{}", ""]
  for (const [i, text] of refused.entries()) {
    device.archiveText = text
    const { code, out, talk } = await run(["archive", "--out", at(`${i}.json`)])
    assert.deepEqual([code, out], [4, []], String(i))
    assert.match(talk, /\(archive_refused\)/)
    assert.equal(readFileSync(at(`${i}.json`), "utf8"), text, "it is kept as what the server said")
  }
  rmSync(folder, { recursive: true })
})
