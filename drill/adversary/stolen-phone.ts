// The adversary got a device's signing keys outside the server, and uses them to list a second device for its owner.

import { toHex } from "@nodoor/bytes"
import { signAccountState } from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import { limits } from "@nodoor/wire"
import type { DrillWorld, Person } from "../drill-world.ts"
import { sha256Of } from "./digest.ts"
import { type Ghost, following } from "./ghost.ts"

/** Leaves a KeyPackage of the ghost's for whoever wants to write to it. */
export async function stock(world: DrillWorld, ghost: Ghost): Promise<void> {
  const oneTime = Array.from({ length: 3 }, () => ghost.keyPackage().message).map((keyPackage) => ({
    hash: sha256Of(keyPackage),
    keyPackage,
  }))
  await world.adversary.store.uploadKeyPackages({
    deviceId: ghost.deviceId,
    oneTime,
    lastResort: undefined,
    maxOneTime: limits.oneTimeKeyPackages,
  })
}

/** A second device that the person added: their first device signed for it, and they said that it was them. */
export async function addPhone(world: DrillWorld, person: Person): Promise<Ghost> {
  const before = await world.adversary.account(person.accountId)
  const phone = world.ghost(person.accountId)
  const state = following(before, [...before.state.devices, phone.listed(before.state.version + 1)])
  const [row] = await person.virtual.disk.read("SELECT signature_seed FROM device WHERE id = 1")
  const signers = [
    { deviceId: person.deviceId as typeof phone.deviceId, privateKey: row?.["signature_seed"] as Uint8Array },
    { deviceId: phone.deviceId, privateKey: phone.signer.privateKey },
  ]
  await world.adversary.appendLinked(state, signAccountState(serverCrypto, { state, signers }))
  await stock(world, phone)
  await world.until(`${person.handle} hears of the phone`, async () =>
    (await person.device.alarms()).some(({ code }) => code === "own_device_unknown"),
  )
  await world.do(person.device.acknowledgeOwnDevice(toHex(phone.deviceId)))
  await world.rest(5_000)
  world.forgetSigns()
  return phone
}
