// The form of a new account. Each field says who will see what is typed into it.

import type { ServerInfo } from "@nodoor/wire"
import { showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import type { Registration } from "@nodoor/client"
import { HostError } from "../host/host.ts"
import { Button } from "../part/button.tsx"
import { Caution } from "../part/caution.tsx"
import { Field } from "../part/field.tsx"
import { handleOf } from "../text/handle.ts"
import { inviteCode } from "../text/invite-code.ts"
import { suggestHandle } from "../text/suggest-handle.ts"
import { t } from "../text/catalogue.ts"
import { partText } from "../text/part-text.ts"
import css from "./create-account.module.css"

type FieldName = "name" | "holderName" | "handle" | "email" | "emailCode" | "invite" | "form"

export function CreateAccount(props: { readonly server: ServerInfo }): JSX.Element {
  const { server } = props
  const { host, arrival } = useApp()
  const name = useSignal("")
  const holderName = useSignal<string | undefined>(undefined)
  const handle = useSignal<string | undefined>(undefined)
  const email = useSignal("")
  const emailCode = useSignal("")
  const codeSent = useSignal(false)
  const sending = useSignal(false)
  const invite = useSignal(arrival.value.invite ?? "")
  const busy = useSignal(false)
  const error = useSignal<{ readonly field: FieldName; readonly text: string } | undefined>(undefined)
  const shownHandle = handle.value ?? suggestHandle(name.value)
  const needsInvite = server.registration === "invite" && arrival.value.invite === undefined
  const errorOf = (field: FieldName): string | undefined => (error.value?.field === field ? error.value.text : undefined)
  const fail = (field: FieldName, text: string): void => {
    error.value = { field, text }
  }
  const edit = (change: () => void): void => {
    change()
    error.value = undefined
  }

  const sendCode = async (): Promise<void> => {
    sending.value = true
    try {
      await host.requestEmailCode(email.peek().trim())
      codeSent.value = true
    } catch (reason) {
      fail("email", reason instanceof HostError ? reason.message : t.welcome.wrong.codeNotSent)
    }
    sending.value = false
  }
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const wanted = handleOf(shownHandle)
    const address = email.peek().trim()
    if (showsNothing(name.peek())) return fail("name", t.welcome.wrong.name)
    const holder = holderName.peek() ?? ""
    if (holder !== "" && showsNothing(holder)) return fail("holderName", t.welcome.wrong.holderName)
    if (wanted === undefined) return fail("handle", t.welcome.wrong.handle)
    if (needsInvite && invite.peek().trim() === "") return fail("invite", t.welcome.wrong.invite)
    if (server.email === "required" && address === "") return fail("email", t.welcome.wrong.email)
    if (address !== "" && !codeSent.peek()) return sendCode()
    if (address !== "" && !/^\d{8}$/.test(emailCode.peek().replaceAll(/\s/g, ""))) return fail("emailCode", t.welcome.wrong.emailCode)
    const invited = inviteCode(invite.peek(), window.location.origin)
    if ("problem" in invited) return fail("invite", invited.problem)
    const { code } = invited
    if (invited.handle !== undefined) arrival.value = { ...arrival.peek(), handle: invited.handle }
    const registration: Registration = {
      handle: wanted,
      name: name.peek().trim(),
      holderName: holder.trim() || name.peek().trim(),
      ...(address === "" ? {} : { email: address, emailCode: emailCode.peek().replaceAll(/\s/g, "") }),
      ...(code === "" ? {} : { invite: code }),
    }
    busy.value = true
    try {
      await host.register(registration)
    } catch (reason) {
      const { field, text } = explain(reason, wanted)
      fail(field, text)
    }
    busy.value = false
  }

  return (
    <form class={css.form} onSubmit={(event) => void submit(event)} noValidate>
      <Field
        label={t.welcome.form.name}
        value={name.value}
        onInput={(value) => edit(() => (name.value = value))}
        error={errorOf("name")}
        autoComplete="name"
        autoFocus
        seenBy={
          holderName.value === undefined
            ? t.welcome.form.nameSeenBy(
                <button type="button" class={css.inline} onClick={() => (holderName.value = name.value)}>
                  {t.welcome.form.anotherName}
                </button>,
              )
            : t.welcome.form.nameSeenByContacts
        }
      />
      {holderName.value !== undefined && (
        <Field
          label={t.welcome.form.holderName}
          value={holderName.value}
          onInput={(value) => edit(() => (holderName.value = value))}
          error={errorOf("holderName")}
          seenBy={t.welcome.form.holderNameSeenBy}
        />
      )}
      <Field
        label={t.welcome.form.handle}
        prefix="@"
        value={shownHandle}
        onInput={(value) => edit(() => (handle.value = value.toLowerCase().replaceAll(/[^a-z0-9._-]/g, "")))}
        error={errorOf("handle")}
        maxLength={32}
        placeholder={t.welcome.form.exampleHandle}
        autoComplete="username"
        seenBy={t.welcome.form.handleSeenBy}
      />
      {server.email !== "none" && (
        <Field
          label={t.welcome.form.email}
          optional={server.email === "optional"}
          value={email.value}
          onInput={(value) =>
            edit(() => {
              email.value = value
              codeSent.value = false
            })
          }
          error={errorOf("email")}
          inputMode="email"
          autoComplete="email"
          seenBy={t.welcome.form.emailSeenBy}
        />
      )}
      {codeSent.value && email.value.trim() !== "" && (
        <Field
          label={t.welcome.form.emailCode}
          value={emailCode.value}
          onInput={(value) => edit(() => (emailCode.value = value))}
          error={errorOf("emailCode")}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          mono
          hint={t.welcome.form.emailCodeHint(email.value.trim())}
        />
      )}
      {(needsInvite || errorOf("invite") !== undefined) && (
        <Field
          label={t.welcome.form.invite}
          value={invite.value}
          onInput={(value) => edit(() => (invite.value = value))}
          error={errorOf("invite")}
          maxLength={64}
          mono
          hint={t.welcome.form.inviteHint}
        />
      )}
      {errorOf("form") !== undefined && <Caution role="alert">{errorOf("form")}</Caution>}
      <Button type="submit" look="primary" wide busy={busy.value || sending.value}>
        {email.value.trim() !== "" && !codeSent.value ? t.welcome.form.sendCode : t.welcome.form.create}
      </Button>
      <p class={css.fine}>{t.welcome.form.serverSees(server.ipDays)}</p>
    </form>
  )
}

function explain(reason: unknown, handle: string): { readonly field: FieldName; readonly text: string } {
  if (!(reason instanceof HostError)) return { field: "form", text: partText.unexpected }
  switch (reason.code) {
    case "handle_taken":
      return { field: "handle", text: t.welcome.wrong.handleTaken(handle) }
    case "invite_required":
    case "invite_invalid":
      return { field: "invite", text: t.welcome.wrong.inviteRefused }
    case "email_required":
      return { field: "email", text: t.welcome.wrong.email }
    case "email_domain_refused":
      return { field: "email", text: t.welcome.wrong.emailDomain }
    case "email_code_invalid":
      return { field: "emailCode", text: t.welcome.wrong.emailCodeRefused }
    case "changed_tabs":
      return { field: "form", text: t.welcome.wrong.changedTabs }
    default:
      return { field: "form", text: reason.message }
  }
}
