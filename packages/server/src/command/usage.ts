// What `nodoor-server --help` prints.

export const usage = `nodoor-server COMMAND

The server
  start                            run it (also without a command)
  doctor                           look at configuration, disk, database, clock and backups
  config check                     every setting, where it comes from, and whether it is sound
  config example                   a nodoor.toml with every key, its default and what it does
  migrate --dry-run                what a start would do with the databases
  backup FOLDER                    copy everything into a new folder, also while the server runs
  restore FOLDER                   put a backup into an empty data directory
  log status|rekey|end [SUCCESSOR] look at the key log, change its signing key, end it; server stopped

People
  invite [--count N] [--days D] [--uses U]
                                   make N links (1) that let U people (1) each register within D days (7)
  invite list                      links that still work
  invite revoke ID                 one of them lets nobody in any more
  user count                       how many accounts there are, by state
  user list [--prefix P]           accounts by handle, without names, e-mail and IP addresses
  user show @HANDLE                one of them
  user suspend @HANDLE             cut its devices off; nothing is deleted, and user resume @HANDLE undoes it
  user erase @HANDLE --yes         delete for good what this server holds of it; the handle stays taken

Requests by authorities
  desk …                           receive, approve, answer: nodoor-server desk says how
  export CASE --out FOLDER         the same as desk export: there is no export without a case
  canary draft|sign|publish …      the monthly statement that people sign by hand

--version, --help

Environment: NODOOR_DATA (data directory, ./.data), NODOOR_CONFIG (nodoor.toml in it), and a variable for every setting:
PORT, HOST, NODOOR_ORIGIN, NODOOR_SECTION_KEY for the others; config check lists what is set, docs/operating.md all of them.
Exit codes: 0 done, 1 failed, 2 command line or configuration, 3 data directory or database, 4 port`
