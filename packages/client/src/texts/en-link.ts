// What a person reads about linking devices.

export const linkTexts = {
  codeInvalid: "This is not a linking code, or a character of it is wrong. Compare it with the other screen.",
  codeOfAnotherServer: "This code was shown by a device of another server.",
  underWay: "A device is being linked already. Finish or cancel that first.",
  notAsked: "There is nothing to confirm now.",
  expired: "The code is too old, or the other device did not answer in time. Show a new code.",
  noAnswer: "The other device did not answer. Its code may be too old. Show a new code there, and try again.",
  used: "This code was used already. Show a new one. If no device of yours used it, somebody else saw the code: they got nothing.",
  invalid:
    "What came from the other device was changed on the way, or is not from a device that is being linked. Nothing was handed over. Show a new code.",
  cancelled: "Linking was cancelled.",
  denied: "The other device refused. Nothing was handed over.",
  wrongNumber:
    "The number that was chosen is not the one that the new device showed. Nothing was handed over. If both numbers came from your own devices, try again with a new code.",
  changed: "Your account changed at the same moment, several times. Nothing was added. Try again with a new code.",
  notAllowed: "The other device may not add devices to the account now. Look at its list of devices.",
  interrupted: "Linking was interrupted, and the time is over. Nothing was added. Show a new code.",
  unfinished:
    "This device is not in your account yet. Open Nodoor on the device that lets it in, then try again, or begin again with a new code.",
  tooLong: "The account has changed so often that its history does not fit into a linking message. Use the recovery words to sign in.",
} as const
