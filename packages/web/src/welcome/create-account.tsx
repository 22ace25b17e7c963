// The form of a new account. Beside each field stands who will see what is typed into it.

import type { ServerInfo } from "@nodoor/wire"
import { showsNothing } from "@nodoor/wire/shown-text"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp } from "../app/context.ts"
import { HostError, type Registration } from "../host/host.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Field } from "../part/field.tsx"
import { handleOf } from "../text/handle.ts"
import { inviteCode } from "../text/invite-code.ts"
import { suggestHandle } from "../text/suggest-handle.ts"
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
      fail("email", reason instanceof HostError ? reason.message : "The code could not be sent.")
    }
    sending.value = false
  }
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const wanted = handleOf(shownHandle)
    const address = email.peek().trim()
    if (showsNothing(name.peek())) return fail("name", "Give a name, any name that can be read.")
    const holder = holderName.peek() ?? ""
    if (holder !== "" && showsNothing(holder)) return fail("holderName", "This name shows nothing. Give another, or leave it empty.")
    if (wanted === undefined) return fail("handle", "3 to 32 small letters, digits, dots, dashes or underscores.")
    if (needsInvite && invite.peek().trim() === "") return fail("invite", "This server asks for an invite code.")
    if (server.email === "required" && address === "") return fail("email", "This server asks for an e-mail address.")
    if (address !== "" && !codeSent.peek()) return sendCode()
    if (address !== "" && !/^\d{8}$/.test(emailCode.peek().replaceAll(/\s/g, ""))) return fail("emailCode", "The code has eight digits.")
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
        label="Your name"
        value={name.value}
        onInput={(value) => edit(() => (name.value = value))}
        error={errorOf("name")}
        autoComplete="name"
        autoFocus
        seenBy={
          holderName.value === undefined ? (
            <>
              People you write to. The server notes it as the account holder’s name:{" "}
              <button type="button" class={css.inline} onClick={() => (holderName.value = name.value)}>
                give it another
              </button>
              .
            </>
          ) : (
            "People you write to, encrypted. The server does not."
          )
        }
      />
      {holderName.value !== undefined && (
        <Field
          label="Name of the account holder"
          value={holderName.value}
          onInput={(value) => edit(() => (holderName.value = value))}
          error={errorOf("holderName")}
          seenBy="The operator of this server, and whoever obtains it by a lawful request. Your contacts do not."
        />
      )}
      <Field
        label="Handle"
        prefix="@"
        value={shownHandle}
        onInput={(value) => edit(() => (handle.value = value.toLowerCase().replaceAll(/[^a-z0-9._-]/g, "")))}
        error={errorOf("handle")}
        maxLength={32}
        placeholder="alice"
        autoComplete="username"
        seenBy="Everyone on this server who knows it can write to you."
      />
      {server.email !== "none" && (
        <Field
          label="E-mail address"
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
          seenBy="The operator of this server only. Never your contacts."
        />
      )}
      {codeSent.value && email.value.trim() !== "" && (
        <Field
          label="Code from the e-mail"
          value={emailCode.value}
          onInput={(value) => edit(() => (emailCode.value = value))}
          error={errorOf("emailCode")}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          mono
          hint={`Eight digits, sent to ${email.value.trim()}. It is good for 15 minutes.`}
        />
      )}
      {(needsInvite || errorOf("invite") !== undefined) && (
        <Field
          label="Invite code"
          value={invite.value}
          onInput={(value) => edit(() => (invite.value = value))}
          error={errorOf("invite")}
          maxLength={64}
          mono
          hint="Whoever runs or uses this server can give you one."
        />
      )}
      {errorOf("form") !== undefined && (
        <p class={css.error} role="alert">
          <Icon name="triangle-alert" size={18} />
          <span>{errorOf("form")}</span>
        </p>
      )}
      <Button type="submit" look="primary" wide busy={busy.value || sending.value}>
        {email.value.trim() !== "" && !codeSent.value ? "Send me a code" : "Create account"}
      </Button>
      <p class={css.fine}>
        The server also sees your IP address{" "}
        {server.ipDays === 0 ? "and does not keep it" : `and keeps it for ${server.ipDays} ${server.ipDays === 1 ? "day" : "days"}`}, and to
        which devices messages go, never what they say. Your keys are made on this device and stay here.
      </p>
    </form>
  )
}

function explain(reason: unknown, handle: string): { readonly field: FieldName; readonly text: string } {
  if (!(reason instanceof HostError)) return { field: "form", text: "Something unexpected happened. Try again." }
  switch (reason.code) {
    case "handle_taken":
      return { field: "handle", text: `@${handle} is taken. Try another.` }
    case "invite_required":
    case "invite_invalid":
      return { field: "invite", text: "This invite code does not work, or not any more. Ask for a new one." }
    case "email_required":
      return { field: "email", text: "This server asks for an e-mail address." }
    case "email_domain_refused":
      return { field: "email", text: "This server takes addresses of certain domains only." }
    case "email_code_invalid":
      return { field: "emailCode", text: "That code is wrong or too old." }
    case "changed_tabs":
      return { field: "form", text: "Another tab took over. Look there, or try again." }
    default:
      return { field: "form", text: reason.message }
  }
}
