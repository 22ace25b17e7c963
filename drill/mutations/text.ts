// What is shown of what people write, whose links are whose, and who is a stranger.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const strangers = [`${client}/store/trust/acquaintance.test.ts`]
const links = [`${client}/text/shared-link.test.ts`]
const texts = [`${client}/text/markdown.test.ts`, `${client}/text/address.test.ts`]

export const textMutations: readonly Mutation[] = [
  {
    name: "stranger-unaccepted-group",
    without: "a group that was not accepted makes nobody known",
    edits: [{ file: `${client}/store/trust/acquaintance.ts`, text: " AND chat.state = 'active'", replacement: "" }],
    tests: strangers,
  },
  {
    name: "stranger-halted-group",
    without: "a group that stands still makes nobody known",
    edits: [{ file: `${client}/store/trust/acquaintance.ts`, text: " AND mls_group.status = 'active'", replacement: "" }],
    tests: strangers,
  },
  {
    name: "stranger-dm",
    without: "a request of two makes its sender no member of a common group",
    edits: [{ file: `${client}/store/trust/acquaintance.ts`, text: "chat.kind = 'group' AND ", replacement: "" }],
    tests: strangers,
  },
  {
    name: "stranger-changed",
    without: "a verification ends with the identity that was verified",
    edits: [{ file: `${client}/store/trust/acquaintance.ts`, text: " AND change_ms IS NULL", replacement: "" }],
    tests: strangers,
  },
  {
    name: "stranger-blocked",
    without: "whoever was blocked is not known",
    edits: [{ file: `${client}/store/trust/acquaintance.ts`, text: "blocked = 0 AND ", replacement: "" }],
    tests: strangers,
  },
  {
    name: "stranger-welcome",
    without: "a stranger's invitation is a request",
    edits: [{ file: `${client}/group/join/joining.ts`, text: "|| (await isKnown(tx, signer.accountId))", replacement: "|| true" }],
    tests: ["sim/acquaintance.test.ts"],
  },
  {
    name: "link-server",
    without: "the link of another server is told apart",
    edits: [{ file: `${client}/text/shared-link.ts`, text: "if (!isSameServer(", replacement: "if (false && !isSameServer(" }],
    tests: links,
  },
  {
    name: "link-port",
    without: "another port is another server",
    edits: [
      {
        file: `${client}/text/shared-link.ts`,
        text: '(port(url) === port(server) || (url.port === "" && server.port === ""))',
        replacement: "true",
      },
    ],
    tests: links,
  },
  {
    name: "link-label",
    without: "a label that hides an address shows it",
    edits: [{ file: `${client}/text/inline.ts`, text: "address: says(text, raw) ? undefined : raw", replacement: "address: undefined" }],
    tests: texts,
  },
  {
    name: "link-host",
    without: "letters of other scripts cannot hide a host",
    edits: [
      { file: `${client}/text/address.ts`, text: "href === undefined || showsItsHost(full) ? undefined : href", replacement: "undefined" },
    ],
    tests: texts,
  },
  {
    name: "link-scheme",
    without: "only web addresses open",
    edits: [
      {
        file: `${client}/text/inline.ts`,
        text: "if (!/^https?:\\/\\//i.test(source.slice(start, start + 8))) return undefined",
        replacement: "",
      },
      {
        file: `${client}/text/address.ts`,
        text: "const url = /^https?:\\/\\/./i.test(text) ? URL.parse(text) : null\n  return url !== null && /^https?:$/.test(url.protocol) &&",
        replacement: "const url = URL.parse(text)\n  return url !== null &&",
      },
    ],
    tests: texts,
  },
  {
    name: "link-credentials",
    without: "an address with a name and a password is none",
    edits: [{ file: `${client}/text/address.ts`, text: ' && url.username === "" && url.password === ""', replacement: "" }],
    tests: texts,
  },
  {
    name: "link-direction",
    without: "a label cannot turn its surroundings around",
    edits: [{ file: `${client}/text/inline.ts`, text: 'return text.replaceAll(/\\p{Bidi_Control}/gu, "")', replacement: "return text" }],
    tests: texts,
  },
]
