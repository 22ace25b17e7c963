// What a person reads about linking devices.

export const linkTexts = {
  codeInvalid: "This is not a linking code, or a character of it is wrong. Compare it with the other screen.",
  otherServer: "This code was shown by a device that is on another server.",
  underWay: "A device is being linked already. Finish or cancel that first.",
  notAsked: "There is nothing to confirm now.",
  expired: "A code works for two minutes. Show a new one, and use it right away.",
  noAnswer: "It did not answer in time. Keep both devices open, show a new code, and try again.",
  used: "A code works once. Show a new one. If no device of yours used it, somebody else saw the code: they got nothing.",
  invalid:
    "What came from the other device was changed on the way, or is not from a device that is being linked. Nothing was handed over. Show a new code.",
  cancelled: "Nothing was handed over.",
  denied: "Somebody chose to stop there. Nothing was handed over.",
  offline: "There is no connection to the server. Nothing was handed over. Check the network of this device, then try again.",
  wrongNumber:
    "The number that was chosen is not the one that the new device showed. Nothing was handed over. If both numbers came from your own devices, try again with a new code.",
  changed: "Your account changed at the same moment, several times. Nothing was added. Try again with a new code.",
  notAllowed: "The other device may not add devices to the account now. Look at its list of devices.",
  interrupted: "It stopped before both had finished, and the time is over. Nothing was added. Show a new code.",
  unfinished:
    "This device is not in your account yet. Open Nodoor on the device that lets it in, then try again, or begin again with a new code.",
  tooLong: "The account has changed so often that its history does not fit into a linking message. Use the recovery words to sign in.",
} as const
