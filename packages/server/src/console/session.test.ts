import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { test } from "node:test"
import { WireError } from "@nodoor/wire"
import { operatorLimits } from "@nodoor/wire/operator"
import { Actor } from "../desk/people/actor.ts"
import { type DeskWorld, newDeskWorld } from "../fixtures/desk.ts"
import { random } from "../fixtures/device.ts"
import { type ConsoleSessions, createConsoleSessions, sessionsMax, sessionsPerPerson } from "./session.ts"

async function withSessions(run: (sessions: ConsoleSessions, actor: Actor, made: DeskWorld) => void): Promise<void> {
  const made = await newDeskWorld()
  try {
    const { db, world } = made
    run(createConsoleSessions({ db, clock: world.clock, random }), Actor.ofKey(db, made.first), made)
  } finally {
    made.db.close()
    rmSync(made.directory, { recursive: true })
  }
}

const isOut = (sessions: ConsoleSessions, token: Uint8Array | undefined): void =>
  assert.throws(
    () => sessions.find(token),
    (error: unknown) => error instanceof WireError && error.code === "unauthorized",
  )

test("a session lasts twelve hours if it is used, and half an hour if it is not", () =>
  withSessions((sessions, actor, { world: { clock } }) => {
    const startedMs = clock.timeMs
    const used = sessions.open(actor)
    const idle = sessions.open(actor)
    assert.equal(used.expiresAtMs, startedMs + operatorLimits.sessionMs)
    for (clock.timeMs = startedMs; clock.timeMs < used.expiresAtMs; clock.timeMs += operatorLimits.idleMs - 1)
      assert.equal(sessions.find(used.token).name, "Anna")
    clock.timeMs = used.expiresAtMs
    isOut(sessions, used.token)
    isOut(sessions, idle.token)
  }))

test("half an hour without a call, and a clock that was set back before the sign-in, end a session for good", () =>
  withSessions((sessions, actor, { world: { clock } }) => {
    const startedMs = clock.timeMs
    const { token } = sessions.open(actor)
    clock.timeMs += operatorLimits.idleMs
    isOut(sessions, token)
    clock.timeMs = startedMs
    isOut(sessions, token)
    const second = sessions.open(actor)
    clock.timeMs -= 60_000
    sessions.find(second.token)
    clock.timeMs -= 1
    isOut(sessions, second.token)
  }))

test("a token of another length, another token and one that was given up open nothing", () =>
  withSessions((sessions, actor) => {
    const { token } = sessions.open(actor)
    for (const wrong of [undefined, new Uint8Array(), token.slice(0, 31), random(32), random(33)]) isOut(sessions, wrong)
    assert.equal(sessions.find(token).name, "Anna")
    sessions.end(token)
    sessions.end(undefined)
    isOut(sessions, token)
  }))

test("a person keeps their newest sessions, everybody together has a bounded number", () =>
  withSessions((sessions, actor, { db, second }) => {
    const ben = sessions.open(Actor.ofKey(db, second))
    const tokens = Array.from({ length: sessionsPerPerson + 3 }, () => sessions.open(actor).token)
    for (const token of tokens.slice(0, 3)) isOut(sessions, token)
    for (const token of tokens.slice(3)) sessions.find(token)
    sessions.find(ben.token)
    assert.ok(sessionsMax >= 4 * sessionsPerPerson)
  }))

test("who was removed, or has another role since, is signed out", () =>
  withSessions((sessions, actor, { db, second }) => {
    const { token } = sessions.open(actor)
    const ben = sessions.open(Actor.ofKey(db, second))
    db.run("UPDATE operators SET role = 'reviewer' WHERE name = 'Anna'")
    isOut(sessions, token)
    db.run("UPDATE operators SET removed_at_ms = 1 WHERE name = 'Ben'")
    isOut(sessions, ben.token)
    db.run("UPDATE operators SET removed_at_ms = NULL WHERE name = 'Ben'")
    isOut(sessions, ben.token)
  }))
