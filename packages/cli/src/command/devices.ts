// The devices of the account: list, link, rename, revoke, confirm.

import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { type CliContext, withDeviceThenSend, withProfile } from "../context.ts"
import { harmlessLine, jsonLine } from "../terminal.ts"
import { json, text } from "./flags.ts"
import { linkDevice } from "./link.ts"

interface JsonFlag {
  readonly json: boolean
}

const listDevices: Command<CliContext> = buildCommand<JsonFlag, [], CliContext>({
  docs: { brief: "List the devices of this account" },
  parameters: { flags: { json } },
  func(flags) {
    return withProfile(this, async ({ device }) => {
      for (const { deviceId, deviceClass, name, own, addedVersion, unknown } of await device.devices()) {
        const note = own ? "  this device" : unknown === true ? "  NOT ADDED BY YOUR DEVICES: revoke it, or confirm that it is yours" : ""
        const called = name === undefined ? "" : `  ${harmlessLine(name)}`
        const entry = { device: deviceId, class: deviceClass, name, own, added_version: addedVersion, unknown: unknown === true }
        await this.terminal.print(flags.json ? jsonLine(entry) : `${deviceId}  ${deviceClass}${called}${note}`)
      }
    })
  },
})

const deviceArgument = { brief: "Id of the device", parse: text, placeholder: "id" } as const

const revokeDevice: Command<CliContext> = buildCommand<Record<never, never>, [string], CliContext>({
  docs: { brief: "Remove a device from this account and from every chat" },
  parameters: { positional: { kind: "tuple", parameters: [deviceArgument] } },
  func(_flags, id) {
    return withDeviceThenSend(this, (device) => device.removeOwnDevice(id.toLowerCase()))
  },
})

const renameDevice: Command<CliContext> = buildCommand<Record<never, never>, [string, string], CliContext>({
  docs: { brief: "Give a device another name, which only your devices see" },
  parameters: {
    positional: { kind: "tuple", parameters: [deviceArgument, { brief: "Its new name", parse: text, placeholder: "name" }] },
  },
  func(_flags, id, name) {
    return withDeviceThenSend(this, (device) => device.renameDevice(id.toLowerCase(), name))
  },
})

const ownDevice: Command<CliContext> = buildCommand<Record<never, never>, [string], CliContext>({
  docs: { brief: "Confirm that an unknown device is yours" },
  parameters: { positional: { kind: "tuple", parameters: [deviceArgument] } },
  func(_flags, id) {
    return withDeviceThenSend(this, (device) => device.acknowledgeOwnDevice(id.toLowerCase()))
  },
})

export const devices: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Show this account's devices, link, rename, revoke or confirm one" },
  routes: { list: listDevices, link: linkDevice, rename: renameDevice, revoke: revokeDevice, mine: ownDevice },
  defaultCommand: "list",
})
