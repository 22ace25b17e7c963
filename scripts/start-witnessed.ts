// `npm run start:witnessed`: the server of `npm start` with four witnesses and an auditor beside it, each a process of its own with its
// own key, as friends would run them. All on one machine, so it shows how it works and protects against nobody.

import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { join, resolve } from "node:path"
import process from "node:process"
import { setTimeout } from "node:timers/promises"
import { cosignerKey } from "@nodoor/cli"

const root = resolve(import.meta.dirname, "..")
const dataDir = process.env["NODOOR_DATA"] ?? join(".data", "witnessed")
const port = process.env["PORT"] ?? "8080"
const host = process.env["HOST"] ?? "127.0.0.1"
const url = `http://${host}:${port}`
const children: ChildProcess[] = []

const names = ["anna", "bert", "cora", "dirk"]
const ports = await freePorts(names.length + 1)
const witnesses = await Promise.all(
  names.map((name, i) => cosigner(`${name}.example/witness`, join(dataDir, `witness-${name}`), ports[i] as number)),
)
const auditor = await cosigner("emma.example/auditor", join(dataDir, "auditor"), ports[names.length] as number)

const config = join(dataDir, "witnessed.toml")
const list = (lines: readonly string[]): string => `[\n${lines.map((line) => `  ${JSON.stringify(line)},\n`).join("")}]`
const settings = `# Written at each start by \`npm run start:witnessed\`.\n[log]\nfaults = 1\nwitnesses = ${list(witnesses.map(({ line }) => line))}\nauditors = ${list([auditor.line])}\n`
writeFileSync(config, settings, { mode: 0o600 })
process.env["NODOOR_DATA"] = dataDir
process.env["NODOOR_CONFIG"] = config
process.on("exit", () => children.forEach((child) => child.kill()))
await import("./start.ts")

const verifierKey = (await text(`${url}/kt/key`)).trim()
for (const { folder, listen } of witnesses) nodoor("witness", "--dir", folder, "--log", verifierKey, "--listen", listen)
await published()
nodoor("audit", url, "--dir", auditor.folder, "--listen", auditor.listen, "--every", "2")
process.stdout.write(`\nFour witnesses and an auditor run beside it. See: npx nodoor kt checkpoint ${url}\n`)

/** A key of its own, and where its process will listen. */
async function cosigner(name: string, folder: string, ownPort: number): Promise<{ folder: string; listen: string; line: string }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { verifierKey: own } = await cosignerKey(folder, name)
  return { folder, listen: `127.0.0.1:${ownPort}`, line: `${own} http://127.0.0.1:${ownPort}` }
}

function nodoor(...words: string[]): void {
  const child = spawn(process.execPath, [join(root, "packages/cli/bin/nodoor.mjs"), "kt", ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  })
  child.on("exit", (code) => {
    if (code !== null && code !== 0) process.stderr.write(`nodoor kt ${words[0]} ended with ${code}\n`)
  })
  children.push(child)
}

/** The first checkpoint comes with the witnesses' signatures. */
async function published(): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if ((await fetch(`${url}/kt/checkpoint`)).status === 200) return
    await setTimeout(200)
  }
  process.stderr.write("the witnesses have not signed yet; the server goes on asking\n")
}

async function text(address: string): Promise<string> {
  return (await fetch(address)).text()
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const found = await Promise.all(
    servers.map(
      (server) => new Promise<number>((settle) => server.listen(0, "127.0.0.1", () => settle((server.address() as AddressInfo).port))),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((settle) => server.close(settle))))
  return found
}
