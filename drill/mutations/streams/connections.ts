// What the network could link: sockets, TLS sessions, circuits of a proxy.

import type { Edit, Mutation } from "../mutation.ts"

const of = (file: string, text: string, replacement = ""): readonly Edit[] => [
  { file: `packages/client/src/platform/${file}.ts`, text, replacement },
]
const wire = ["packages/client/src/platform/connection-classes.test.ts"]

export const connectionsMutations: readonly Mutation[] = [
  {
    name: "connection-class",
    without: "requests that name the device and others have connections of their own",
    edits: of("node-network", "const name = `${kind} ${isEncrypted(url)}`", "const name = `${isEncrypted(url)}`"),
    tests: [...wire, "packages/client/src/platform/node-network.test.ts"],
  },
  {
    name: "connection-resumed",
    without: "a TLS session is never resumed",
    edits: of("node-network", "maxCachedSessions: 0 }", "maxCachedSessions: 100 as unknown as 0 }"),
    tests: wire,
  },
  {
    name: "connection-alone",
    without: "what is asked alone has a connection of its own",
    edits: of("node-network", "const lone = exchanged.alone === true", "const lone = false"),
    tests: wire,
  },
  {
    name: "connection-alone-passed",
    without: "the network port passes on that a request is to be alone",
    edits: of("http-network", "          alone,\n"),
    tests: wire,
  },
  {
    name: "proxy-user",
    without: "each class shows the proxy a user name of its own",
    edits: of("node-network", "const user = this.#users.get(kind) ??", "const user = [...this.#users.values()][0] ??"),
    tests: wire,
  },
  {
    name: "proxy-user-alone",
    without: "each lone request shows the proxy a user name of its own",
    edits: of("node-network", "agents.lone(url, newProxyUser())", "agents.lone(url, agents.user(exchanged.class))"),
    tests: wire,
  },
  {
    name: "proxy-streams",
    without: "streams go through the proxy too",
    edits: of("node-network", "      agent: agents.lone(url, agents.user(kind)),\n"),
    tests: wire,
  },
  {
    name: "proxy-form",
    without: "a proxy that leaves the look-up of names to this machine is refused",
    edits: of("socks", 'url?.protocol !== "socks5h:"', '!url?.protocol.startsWith("socks5")'),
    tests: wire,
  },
  {
    name: "proxy-of-the-terminal",
    without: "what the terminal does on the network goes through the proxy",
    edits: [{ file: "packages/cli/src/application.ts", text: "nodeNetwork({ proxy })", replacement: "nodeNetwork({})" }],
    tests: ["packages/cli/src/proxy.test.ts"],
  },
]
