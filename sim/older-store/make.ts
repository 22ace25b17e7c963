// Makes a store of the present version, with something in it of everything that people see, and what they see of it:
// `node sim/older-store/make.ts` writes version-N.sqlite.gz and version-N.json.gz beside this file. Run it before a migration that changes how
// chats or messages are kept, commit both, and never make them again: from then on they are a store of that version.

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { fromHex, toHex, toUtf8 } from "@nodoor/bytes"
import { storeVersion } from "@nodoor/client"
import { protect } from "@nodoor/mls"
import { DrillWorld } from "../../drill/drill-world.ts"
import { markdown, nothing, reaction } from "../hostile-member/forged-content.ts"
import { HostileMember } from "../hostile-member/hostile-member.ts"
import { openOffline, openPlain, writePlain } from "./plain-store.ts"
import { seenIn } from "./seen.ts"

const words = ["bridge", "grosse", "zürich", "gone", "an", "@", "nothing of the kind"]

await DrillWorld.with(async (world) => {
  const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
  const [carol, dave, erin] = [await world.person("carol"), await world.person("dave"), await world.person("erin")]
  const say = async (who: typeof alice, chatId: string, text: string, inReplyTo?: string): Promise<string> => {
    const { id } = await world.do(who.device.send(chatId, { text, ...(inReplyTo !== undefined && { inReplyTo }) }))
    await world.rest(3_000)
    return id
  }

  const group = await world.group(alice, bob, mallory, carol)
  const hostile = await HostileMember.seize(world, mallory, group)
  const first = await say(bob, group, "Shall we meet at the **bridge**?")
  const answer = await say(alice, group, "Which *bridge*, the large one?", first)
  await say(bob, group, "Die Größe ist mir gleich. Zürich hat viele, see [the map](https://example.com/map)", answer)
  await say(carol, group, "一緒に行きましょう")
  const edited = await say(bob, group, "at three")
  await world.do(bob.device.edit(group, edited, "at **four**"))
  const own = await say(alice, group, "I bring an apple")
  await world.do(alice.device.edit(group, own, "I bring an apple pie"))
  const quoted = await say(bob, group, "this will be gone")
  await say(alice, group, "what will be?", quoted)
  await world.do(bob.device.react(group, quoted, "😮", true))
  await world.do(bob.device.deleteForAll(group, quoted))
  const regretted = await say(alice, group, "gone as well")
  await world.do(alice.device.deleteForAll(group, regretted))
  await world.rest(3_000)
  for (const [who, emoji] of [
    [alice, "👍"],
    [bob, "👍"],
    [bob, "🎉"],
    [carol, "❤️"],
  ] as const)
    await world.do(who.device.react(group, own, emoji, true))
  await world.rest(3_000)
  await world.do(bob.device.react(group, own, "🎉", false))
  await hostile.say(reaction("🎈"), { inReplyTo: fromHex(first) })
  await hostile.say(markdown("an edit of nothing that was there"), { replaces: new Uint8Array(32).fill(7) })
  await hostile.say([1, "", 1, "application/vnd.example.poll", toUtf8("{}")])
  await hostile.say(markdown("\u200b"))
  await hostile.say(nothing(1), { replaces: new Uint8Array(32).fill(7) })
  await hostile.encrypt(new Uint8Array(256))
  await world.do(bob.device.markRead(group, own))
  await world.do(alice.device.rename(group, "Weekend at the river"))
  await world.rest(3_000)
  await world.do(alice.device.setRole(group, toHex(bob.accountId), "admin"))
  await world.rest(3_000)
  const { message } = protect(hostile.insider.env, hostile.state(), { plaintext: new Uint8Array(256), signer: hostile.insider.signer })
  const broken = message.slice()
  broken[broken.length - 1] = (broken[broken.length - 1] as number) ^ 1
  await hostile.insider.post(hostile.group(), broken)
  await world.rest(3_000)

  const withBob = await world.chat(alice, bob)
  const id = "0123456789abcdef0123456789abcdef"
  await world.do(alice.device.send(withBob, { text: "once", id }))
  await world.rest(3_000)
  const last = await say(bob, withBob, "over the bridge\nand `back`")
  await world.do(alice.device.markRead(withBob, last))
  await world.do(bob.device.markRead(withBob, (await bob.device.messages(withBob)).messages.at(-1)?.id ?? ""))
  await world.rest(3_000)
  await say(bob, withBob, "not read yet")
  await say(bob, withBob, "nor this")
  await world.do(alice.device.setChatOptions(withBob, { pinned: true, draft: "half an answer" }))

  for (const stranger of [carol, erin]) {
    const contact = await world.do(stranger.device.findContact("alice"))
    const { id: chatId } = await world.do(stranger.device.openChat(contact.accountId))
    await say(stranger, chatId, "May I ask you something?")
  }

  const left = await world.group(bob, alice)
  await say(alice, left, "I do not stay long")
  await world.do(alice.device.leave(left))
  await world.rest(10_000)
  await world.do(alice.device.setChatOptions(left, { archived: true, muted: true }))

  const withDave = await world.chat(alice, dave)
  world.adversary.posting.withhold("post", () => true, "unavailable")
  await world.do(alice.device.send(withDave, { text: "too late for dave" }))
  await world.rest(1_000)
  await world.do(alice.device.setBlocked(toHex(dave.accountId), true))
  await world.do(alice.device.send(group, { text: "on its way", inReplyTo: first }))
  await world.do(alice.device.send(group, { text: "and the next" }))
  await world.do(alice.device.edit(group, own, "I bring an apple pie and cream"))
  await world.rest(2_000)
  await alice.device.close()

  const folder = mkdtempSync(join(tmpdir(), "nodoor-store-"))
  const path = join(folder, "store.sqlite")
  // Keys that were never used are most of a young store's bytes, and nobody sees them.
  await writePlain(alice.virtual.disk, path, ["key_package", "mls_record"])
  const target = join(import.meta.dirname, `version-${storeVersion}`)
  writeFileSync(`${target}.sqlite.gz`, gzipSync(readFileSync(path), { level: 9 }))
  copyFileSync(path, `${path}.seen`)
  const device = await openOffline(openPlain(`${path}.seen`))
  writeFileSync(`${target}.json.gz`, gzipSync(JSON.stringify({ words, seen: await seenIn(device, words) }), { level: 9 }))
  await device.close()
  rmSync(folder, { recursive: true })
})
