import assert from "node:assert/strict"
import { test } from "node:test"
import type { MessageView, OwnExport } from "@nodoor/client"
import { bob, chatOf, messageOf } from "../fixtures/scripted-device.ts"
import { exportPage } from "./export-page.ts"

const evil = `</bdi></p><script>alert(1)</script><img src=x onerror=alert(1)> " onmouseover="x' & \u202Egnp.exe\u2066 \u0000\u001b[31m`

function pageOf(change: Partial<OwnExport> = {}, messages: readonly Partial<MessageView>[] = []): string {
  const chat = chatOf("ab", { title: evil })
  const exported: OwnExport = {
    exportedAtMs: 1_700_000_000_000,
    account: {
      accountId: "aa".repeat(16),
      deviceId: "",
      handle: "alice",
      origin: "localhost",
      serverUrl: "",
      name: evil,
      server: {} as never,
    },
    recoveryKey: "5ec2e7".repeat(8),
    serverRecord: undefined,
    operatorNotices: [],
    contacts: [],
    chats: [
      {
        chat,
        members: [{ ...bob, name: evil, role: "member", own: false }],
        messages: messages.map((message, at) => messageOf(chat, at + 1, { ...bob, name: evil }, message)),
      },
    ],
    ...change,
  }
  return [...exportPage(exported)].join("")
}

const hostile: readonly Partial<MessageView>[] = [
  { content: { type: "text", markdown: evil } },
  { content: { type: "text", markdown: "[click](javascript:alert(1)) ![x](http://tracker.example/x.png) <b>bold</b>" } },
  { content: { type: "unsupported", contentType: evil } },
  { content: { type: "event", event: { kind: "renamed", by: bob.accountId, name: evil } } },
  { inReplyTo: { id: "00", senderName: evil, kind: "text", text: evil } },
  { reactions: [{ emoji: evil, accounts: [bob.accountId], own: false }] },
  { content: { type: "deleted" }, edited: true },
]

test("Names and texts of others are words on the page and nothing else, wherever they stand", () => {
  const page = pageOf({}, hostile)
  const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag))
  const known = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "p",
    "nav",
    "ul",
    "li",
    "a",
    "bdi",
    "time",
    "section",
    "article",
    "header",
    "blockquote",
    "footer",
    "em",
  ]
  assert.deepEqual(
    [...tags].filter((tag) => !known.includes(tag ?? "")),
    [],
  )
  const attributes = new Set(
    [...page.matchAll(/<[a-z0-9]+((?: [a-z-]+="[^"]*")*)>/g)].flatMap(([, all = ""]) =>
      [...all.matchAll(/ ([a-z-]+)=/g)].map(([, name]) => name),
    ),
  )
  assert.deepEqual(
    [...attributes].filter(
      (name) => !["lang", "charset", "http-equiv", "content", "name", "href", "id", "datetime", "class", "dir"].includes(name ?? ""),
    ),
    [],
  )
  assert.ok(
    [...page.matchAll(/href="([^"]*)"/g)].every(([, address = ""]) => /^#chat-\d+$/.test(address)),
    "nothing leads out of the page",
  )
  assert.ok(page.includes("&lt;script&gt;alert(1)&lt;/script&gt;"))
})

test("Characters that turn the direction of text, or steer a program, stand in the page as what they are", () => {
  const page = pageOf({}, hostile)
  for (const character of ["\u202A", "\u202B", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u0000", "\u001b"])
    assert.ok(!page.includes(character))
  assert.ok(page.includes("\\u202e") || page.includes("\\u202E"))
})

test("The page forbids itself to load, run or send anything, and the recovery key is not in it", () => {
  const page = pageOf({}, hostile)
  const [, policy = ""] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page) ?? []
  assert.equal(policy, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
  assert.ok(page.indexOf("Content-Security-Policy") < page.indexOf("<style"), "before anything that it is about")
  assert.ok(!page.includes("5ec2e7"))
})
