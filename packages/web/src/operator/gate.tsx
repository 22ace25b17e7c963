// Decides what a person sees: the enrolment they were invited to, the sign-in, or the console.

import type { JSX } from "preact"
import { useEffect } from "preact/hooks"
import { PersonContext, useConsole } from "./context.ts"
import { Enrol } from "./enter/enrol.tsx"
import { SignIn } from "./enter/sign-in.tsx"
import { NoticeStack } from "./part/notice-stack.tsx"
import { Shell } from "./shell.tsx"

const checkMs = 10_000

export function Gate(): JSX.Element {
  const { session, enrolment } = useConsole()
  useEffect(() => {
    const timer = setInterval(session.check, checkMs)
    document.addEventListener("visibilitychange", session.check)
    return () => {
      clearInterval(timer)
      document.removeEventListener("visibilitychange", session.check)
    }
  }, [])
  return (
    <>
      {view()}
      <NoticeStack />
    </>
  )

  function view(): JSX.Element {
    const state = session.state.value
    if (enrolment.value !== undefined) return <Enrol code={enrolment.value} />
    if (state.status === "out") return <SignIn why={state.why} />
    return (
      <PersonContext.Provider value={state}>
        <Shell key={state.token} />
      </PersonContext.Provider>
    )
  }
}
