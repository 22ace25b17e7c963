// What the person reads about being let in again.

export const readmissionTexts = {
  changed_meanwhile:
    "This device was behind in this chat and asked to be let in again. A member who is no admin did so and says that people or rules have changed since. That could not be checked and was refused. The device asks again every hour and waits for an admin. If none comes, ask an admin to remove you from the chat and add you again.",
} as const
