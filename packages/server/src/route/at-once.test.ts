import assert from "node:assert/strict"
import { type Socket, connect } from "node:net"
import { after, before, test } from "node:test"
import { toBase64Url } from "@nodoor/bytes"
import { operatorCaseAttach, operatorPeople } from "@nodoor/wire/operator"
import { type ConsolePerson, type ConsoleWorld, enrolWith, firstLink, startConsoleWorld } from "../fixtures/console.ts"
import { refuses } from "../fixtures/refuses.ts"
import { atOncePerPerson, createAtOnce } from "./at-once.ts"

let world: ConsoleWorld
let [anna, ben]: ConsolePerson[] = []
const sockets: Socket[] = []
before(async () => {
  world = await startConsoleWorld()
  anna = await enrolWith(world, await firstLink(world, "Anna"))
  ben = await enrolWith(world, await firstLink(world, "Ben"))
})
after(async () => {
  for (const socket of sockets) socket.destroy()
  await world.close()
})

test("calls are counted for each person, and one that is over is over once", () => {
  const begin = createAtOnce(2)
  const [first] = [begin("a"), begin("a"), begin("b")]
  assert.throws(() => begin("a"), /too many/)
  first?.()
  first?.()
  begin("a")
  assert.throws(() => begin("a"), /too many/)
})

test("one person has few calls under way, others are not touched, and each makes room when its connection is gone", async () => {
  const [one, other] = [anna, ben] as [ConsolePerson, ConsolePerson]
  const hang = async (): Promise<Socket> => {
    const socket = connect(world.server.port, "127.0.0.1")
    sockets.push(socket)
    const head = [
      `POST ${operatorCaseAttach.path} HTTP/1.1`,
      "Host: localhost",
      "Content-Type: application/cbor",
      "Content-Length: 20000000",
      `Authorization: Bearer ${toBase64Url(one.session.token)}`,
    ]
    await new Promise<void>((resolve) => socket.write(`${head.join("\r\n")}\r\n\r\nbegun`, () => resolve()))
    return socket
  }
  const answered = async (): Promise<boolean> =>
    one.call(operatorPeople, {}).then(
      () => true,
      () => false,
    )
  const until = async (wanted: boolean): Promise<void> => {
    for (let tries = 0; (await answered()) !== wanted; tries++) {
      assert.ok(tries < 100, `calls are ${wanted ? "taken" : "refused"}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  for (let at = 0; at < atOncePerPerson; at++) await hang()
  await until(false)
  await refuses("rate_limited", one.call(operatorPeople, {}))
  assert.equal((await other.call(operatorPeople, {})).people.length, 2)
  sockets[0]?.destroy()
  await until(true)
})
