// A device whose process is killed now and then: it is asked and told by messages, and its store can be read while it runs or not.

import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { resolve } from "node:path"
import { ClientError, type ClientEvent, type Database, type Device } from "@nodoor/client"
import { openDatabase } from "@nodoor/client/node"
import type { Joining, WorldDevice } from "../world/world-device.ts"
import type { Told } from "./messages.ts"

export interface ProcessDeviceParts {
  readonly handle: string
  readonly account: string
  /** Of its store. */
  readonly path: string
  readonly serverUrl: string
  heard(device: ProcessDevice, event: ClientEvent): void
  /** Its process ended by itself, or said what should not be. */
  failed(error: Error): void
}

/** How long a process that was killed stays dead. */
const downMs = 400
/** What cannot be now and can be later. */
const passing: readonly string[] = ["unreachable", "store_full", "store_failing", "log_unavailable"]
/** What people are told of the devices that others link and remove. */
const expected: readonly string[] = ["contact_device_added", "commit_refused_removed_device_unclear", "invitation_refused_removed_device"]

interface Running {
  readonly child: ChildProcess
  readonly device: Device
  readonly waiting: Map<number, (told: Extract<Told, { readonly kind: "answer" }>) => void>
  readonly listeners: Set<(event: ClientEvent) => void>
}

export class ProcessDevice implements WorldDevice {
  readonly handle: string
  readonly account: string
  joining: Joining | undefined
  mayBeRevoked = false
  isRevoked = false
  readonly isPutBack = false
  kills = 0
  readonly #parts: ProcessDeviceParts
  #disk: Database | undefined
  #child: ChildProcess | undefined
  #running: Running | undefined
  #started = false
  #isOver = false
  #calls = 0

  constructor(parts: ProcessDeviceParts) {
    this.#parts = parts
    this.handle = parts.handle
    this.account = parts.account
  }

  get device(): Device | undefined {
    return this.#running?.device
  }

  get disk(): Database {
    if (!this.#disk) throw new TypeError("the device was never started")
    return this.#disk
  }

  get started(): boolean {
    return this.#started
  }

  get isOut(): boolean {
    return this.isRevoked
  }

  hadReason(code: string): boolean {
    return this.mayBeRevoked || expected.includes(code)
  }

  /** Resolves when the device is there, or when it was refused for good. */
  async start(): Promise<void> {
    if (this.#isOver) return
    const { handle, path, serverUrl } = this.#parts
    const how = this.joining?.how
    const code = how !== undefined && "code" in how ? [how.code] : []
    const child = fork(resolve(import.meta.dirname, "device-process.ts"), [path, serverUrl, handle, ...code], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    })
    this.#child = child
    child.on("exit", (exitCode) => this.#ended(child, exitCode))
    const { promise, resolve: begun } = Promise.withResolvers<void>()
    child.on("message", (told) => this.#hear(child, told as Told, begun))
    child.on("exit", () => begun())
    await promise
  }

  /** SIGKILL: no goodbye, nothing flushed. It is started again soon. */
  kill(): void {
    if (!this.#child || this.#isOver) return
    this.kills++
    this.#child.kill("SIGKILL")
  }

  async end(): Promise<void> {
    this.#isOver = true
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL")
      await once(child, "exit")
    }
    await this.#disk?.close()
  }

  #ended(child: ChildProcess, exitCode: number | null): void {
    if (this.#child !== child) return
    for (const [id, answered] of this.#running?.waiting ?? [])
      answered({ kind: "answer", id, refusal: { code: "unreachable", message: "its process died" } })
    this.#child = undefined
    this.#running = undefined
    if (this.#isOver) return
    if (exitCode !== null && exitCode !== 0) return this.#parts.failed(new Error(`the process of ${this.handle} ended with ${exitCode}`))
    setTimeout(() => void this.start(), downMs)
  }

  #hear(child: ChildProcess, told: Told, begun: () => void): void {
    switch (told.kind) {
      case "ready":
        return void this.#ready(child).then(begun, (error: unknown) => this.#parts.failed(error as Error))
      case "hears":
        return this.joining?.hears(told.view)
      case "event":
        this.#parts.heard(this, told.event)
        for (const listener of this.#running?.listeners ?? []) listener(told.event)
        return
      case "answer":
        this.#running?.waiting.get(told.id)?.(told)
        this.#running?.waiting.delete(told.id)
        return
      case "refused":
        return this.#refused(child, new ClientError(told.code, told.message), begun)
    }
  }

  async #ready(child: ChildProcess): Promise<void> {
    this.#disk ??= await openDatabase({ path: this.#parts.path, key: new Uint8Array(32) })
    const waiting: Running["waiting"] = new Map()
    const listeners: Running["listeners"] = new Set()
    this.#running = { child, device: this.#remote(child, waiting, listeners), waiting, listeners }
    const isFirst = !this.#started
    this.#started = true
    if (isFirst) this.joining?.ended?.(undefined)
  }

  #refused(child: ChildProcess, error: ClientError, begun: () => void): void {
    if (!passing.includes(error.code)) {
      if (this.joining?.ended === undefined || this.#started) return this.#parts.failed(error)
      this.#isOver = true
      this.joining.ended(error)
      begun()
    }
    child.kill("SIGKILL")
  }

  /** The device in its process. What is asked of one that dies meanwhile is never answered. */
  #remote(child: ChildProcess, waiting: Running["waiting"], listeners: Running["listeners"]): Device {
    const call = async (method: string, given: readonly unknown[]): Promise<unknown> => {
      const id = ++this.#calls
      const { promise, resolve: answered } = Promise.withResolvers<Extract<Told, { readonly kind: "answer" }>>()
      waiting.set(id, answered)
      child.send({ id, method, given }, () => undefined)
      const { value, refusal } = await promise
      if (refusal) throw new ClientError(refusal.code, refusal.message)
      return value
    }
    const subscribe: Device["subscribe"] = (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
    return new Proxy({} as Device, {
      get: (_, name) => {
        // A promise that resolves to the device must not take it for another promise.
        if (name === "then") return undefined
        return name === "subscribe" ? subscribe : (...given: readonly unknown[]) => call(String(name), given)
      },
    })
  }
}
