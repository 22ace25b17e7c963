import { start } from "../src/start.tsx"
import { createSceneHost } from "./scene-host.ts"

start(() => createSceneHost(new URLSearchParams(window.location.search)))
