// The app on the real thing: the device lives in a worker of one of this browser's tabs.

import { createBrowserHost } from "./host/browser-host.ts"
import { start } from "./start.tsx"

start(createBrowserHost)
